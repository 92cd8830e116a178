/**
 * Durations in the format of Kubernetes, which is that of Go's `time.ParseDuration`: `90s`, `5m`, `1h30m`, `1.5h`, `0`.
 * Source: https://pkg.go.dev/time#ParseDuration.
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/**
 * Returns whole milliseconds, rounded. Throws a RangeError that names `field` if the text is not a duration. Negative durations are rejected
 * because no field needs them.
 */
export const parseDuration = (text: string, field = "duration"): number => {
  if (!DURATION.test(text)) {
    throw new RangeError(`${field}: found "${text}"; allowed: a duration such as 90s, 5m, 1h30m or 0`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  return Math.round(total);
};
