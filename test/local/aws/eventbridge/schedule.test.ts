import { expect, test } from "vitest";
import { compileSchedule } from "../../../../local/aws/eventbridge/schedule.ts";

// A Tuesday.
const now = Date.UTC(2026, 10, 24, 10, 30, 20);

test.each([
  ["rate(1 minute)", "2026-11-24T10:31:20.000Z"],
  ["rate(2 hours)", "2026-11-24T12:30:20.000Z"],
  ["cron(0 12 * * ? *)", "2026-11-24T12:00:00.000Z"],
  ["cron(0/15 * * * ? *)", "2026-11-24T10:45:00.000Z"],
  ["cron(0 8 ? * 2 *)", "2026-11-30T08:00:00.000Z"],
  ["cron(0 8 ? * MON-FRI *)", "2026-11-25T08:00:00.000Z"],
  ["cron(0 0 L * ? *)", "2026-11-30T00:00:00.000Z"],
])("%s is next due at %s", (expression, next) => {
  expect(new Date(compileSchedule(expression, now)(now) ?? 0).toISOString()).toBe(next);
});

test("a rate counts from the time the rule was created", () => {
  const schedule = compileSchedule("rate(5 minutes)", now);
  expect(schedule(now + 7 * 60_000)).toBe(now + 10 * 60_000);
  expect(schedule(now + 10 * 60_000)).toBe(now + 15 * 60_000);
});

test("a cron expression for a past year is never due", () => {
  expect(compileSchedule("cron(0 12 1 1 ? 2020)", now)(now)).toBeUndefined();
});

test.each(["rate(1 minutes)", "rate(5 minute)", "rate(0 minutes)", "cron(* * * * *)", "cron(0 12 * * * *)", "daily"])(
  "%s is rejected",
  (expression) => {
    expect(() => compileSchedule(expression, now)).toThrow(/ScheduleExpression is not valid/);
  },
);
