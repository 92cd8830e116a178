import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../../../shared/model/api/duration.ts";

test.each([
  ["0", 0],
  ["0s", 0],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["1h0m0.5s", 3_600_500],
  ["250ms", 250],
  ["1500us", 2],
  ["1500µs", 2],
])("%s is %d ms", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(["", "5", "5 m", "5min", "m", "-5m", "1d", "1h30", ".5h", "5M", "NaN", "0x1s"])(
  '"%s" is rejected, with the field and what is allowed',
  (text) => {
    expect(() => parseDuration(text, "spec.maxNodeRuntime")).toThrow(
      `spec.maxNodeRuntime: found "${text}"; allowed: a duration`,
    );
  },
);

test("hours, minutes, seconds and milliseconds add up", () => {
  const part = fc.nat({ max: 10_000 });
  fc.assert(
    fc.property(part, part, part, part, (hours, minutes, seconds, ms) => {
      const expected = ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms;
      expect(parseDuration(`${hours}h${minutes}m${seconds}s${ms}ms`)).toBe(expected);
    }),
  );
});
