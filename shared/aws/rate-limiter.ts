/** Keeps calls below one of EC2's token buckets, so that a burst is never refused for being one. */

export interface RateLimiterOptions {
  /** How many calls may follow one another at once. */
  readonly size: number;
  readonly perSecond: number;
  /** Milliseconds since the epoch. */
  now(): number;
  pause(ms: number): Promise<void>;
}

/** Resolves when the next call may be made; callers are let through in the order in which they came. */
export type RateLimiter = () => Promise<void>;

export const createRateLimiter = ({ size, perSecond, now, pause }: RateLimiterOptions): RateLimiter => {
  let tokens = size;
  let countedAt = now();
  let last = Promise.resolve();

  const refill = () => {
    const time = now();
    tokens = Math.min(size, tokens + (Math.max(0, time - countedAt) / 1000) * perSecond);
    countedAt = time;
  };

  const take = async () => {
    refill();
    if (tokens < 1) {
      await pause(Math.ceil(((1 - tokens) / perSecond) * 1000));
      refill();
    }
    // A timer that rings a little early must not make the next one wait twice.
    tokens = Math.max(0, tokens - 1);
  };

  return () => {
    last = last.then(take);
    return last;
  };
};
