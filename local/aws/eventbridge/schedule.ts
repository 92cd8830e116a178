import { Cron } from "croner";
import { CloudError } from "../gateway/service.ts";

/** Returns the next time after `now` (both in ms since the epoch); undefined if there is none. */
export type Schedule = (now: number) => number | undefined;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Compiles `rate(5 minutes)` or `cron(0 12 * * ? *)`. A rate starts at `createdAt`; cron is in UTC. Throws
 * ValidationException. (EventBridge user guide, "Creating an Amazon EventBridge rule that runs on a schedule".)
 */
export const compileSchedule = (expression: string, createdAt: number): Schedule => {
  const match = /^(rate|cron)\((.*)\)$/.exec(expression.trim());
  if (match?.[1] === "rate") return compileRate(expression, match[2] ?? "", createdAt);
  if (match?.[1] === "cron") return compileCron(expression, match[2] ?? "");
  throw invalid(expression);
};

const compileRate = (expression: string, rate: string, createdAt: number): Schedule => {
  const match = /^(\d+) (minute|hour|day)(s?)$/.exec(rate.trim());
  const count = Number(match?.[1]);
  const unitMs = UNIT_MS[match?.[2] ?? ""];
  // EventBridge requires the correct plural: `1 minute`, `5 minutes`.
  if (!unitMs || count < 1 || (count === 1) === (match?.[3] === "s")) throw invalid(expression);
  const periodMs = count * unitMs;
  return (now) => createdAt + (Math.floor((now - createdAt) / periodMs) + 1) * periodMs;
};

/** AWS's fields are minutes, hours, day of month, month, day of week (1 is Sunday) and year; croner has seconds first. */
const compileCron = (expression: string, fields: string): Schedule => {
  const parts = fields.trim().split(/\s+/);
  const oneDayUnset = parts[2] === "?" || parts[4] === "?";
  if (parts.length !== 6 || !oneDayUnset) throw invalid(expression);
  const pattern = ["0", ...parts.map((part) => (part === "?" ? "*" : part))].join(" ");
  try {
    const cron = new Cron(pattern, { mode: "7-part", alternativeWeekdays: true, sloppyRanges: true, timezone: "UTC" });
    return (now) => cron.nextRun(new Date(now))?.getTime();
  } catch (cause) {
    throw Object.assign(invalid(expression), { cause });
  }
};

const invalid = (expression: string): CloudError =>
  new CloudError("ValidationException", `Parameter ScheduleExpression is not valid: ${expression}`);
