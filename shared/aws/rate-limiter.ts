/** A client-side token bucket that keeps a burst of calls below EC2's own limit, so that EC2 does not throttle it. */

export interface RateLimiterOptions {
  /** How many calls may be made without a pause. */
  readonly burst: number;
  readonly perSecond: number;
  /** Milliseconds since the epoch. */
  now(): number;
  pause(ms: number): Promise<void>;
}

/** Resolves when the next call may be made; callers proceed in the order of arrival. */
export type RateLimiter = () => Promise<void>;

export const createRateLimiter = ({ burst, perSecond, now, pause }: RateLimiterOptions): RateLimiter => {
  let tokens = burst;
  let refilledAt = now();
  let last = Promise.resolve();

  const refill = () => {
    const time = now();
    tokens = Math.min(burst, tokens + (Math.max(0, time - refilledAt) / 1000) * perSecond);
    refilledAt = time;
  };

  const take = async () => {
    refill();
    if (tokens < 1) {
      await pause(Math.ceil(((1 - tokens) / perSecond) * 1000));
      refill();
    }
    // The timer may fire slightly early: without the maximum, the next caller would wait twice.
    tokens = Math.max(0, tokens - 1);
  };

  return () => {
    last = last.then(take);
    return last;
  };
};
