/**
 * Durations as Kubernetes writes them, which is as Go's `time.ParseDuration` reads them: `90s`, `5m`, `1h30m`, `1.5h`, `0`.
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

const SHAPE = /^(?:0|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/;
const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

/**
 * Milliseconds, rounded to whole ones. `field` only serves the message of the error, which is thrown for anything that is
 * not a duration; negative ones are refused, as no field of ours has a use for them.
 */
export const parseDuration = (text: string, field = "duration"): number => {
  if (!SHAPE.test(text)) {
    throw new RangeError(`${field}: found "${text}", allowed is a duration such as "90s", "5m", "1h30m" or "0"`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  return Math.round(total);
};
