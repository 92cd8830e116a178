/** How many batches an event source mapping processes at the same time. */

/**
 * "Lambda starts processing five batches at a time … If messages are still available, Lambda increases the number of processes that
 * are reading batches by up to 300 more instances per minute", up to 1250 (1000 until 2025); and reduces them while the function is
 * throttled. (Lambda Developer Guide, "Configuring scaling behavior for SQS event source mappings"; the 1250: belief.)
 */
const FIRST = 5;
export const GROWTH_INTERVAL_MS = 60_000 / 300;
const MAX = 1250;

export interface Pollers {
  /** The number at this time. */
  count(now: number): number;
  canGrow(now: number): boolean;
  /** No message is available. */
  rest(): void;
  /** The function was throttled. */
  backOff(now: number): void;
}

export const createPollers = (maximum = MAX): Pollers => {
  let first = Math.min(FIRST, maximum);
  let busySince: number | undefined;
  const count = (now: number) => {
    busySince ??= now;
    return Math.min(maximum, first + Math.floor((now - busySince) / GROWTH_INTERVAL_MS));
  };
  return {
    count,
    canGrow: (now) => count(now) < maximum,
    rest: () => {
      first = Math.min(FIRST, maximum);
      busySince = undefined;
    },
    backOff: (now) => {
      first = Math.max(1, Math.floor(count(now) / 2));
      busySince = now;
    },
  };
};
