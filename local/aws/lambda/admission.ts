/** Which invocations Lambda admits: the account's quota, the functions' reserved concurrency, and throttles that tests ask for. */
import type { Clock } from "../../clock.ts";
import { Throttled } from "../gateway/throttled.ts";

export interface Admission {
  /** Reserves a part of the quota, which other functions cannot use. */
  reserve(functionName: string, concurrency: number): void;
  /** Refuses the function's invocations for a time. */
  throttle(functionName: string, forMs: number): void;
  /** Counts an invocation until the returned function is called. Throws `Throttled`. */
  enter(functionName: string): () => void;
}

/** The account's quota, shared by all functions of a region (Lambda Developer Guide, "Lambda quotas"). */
export const ACCOUNT_CONCURRENCY = 1000;

export const createAdmission = (clock: Pick<Clock, "now">, quota: number): Admission => {
  const reserved = new Map<string, number>();
  const throttledUntil = new Map<string, number>();
  const running = new Map<string, number>();

  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

  const assertAdmitted = (name: string) => {
    if (clock.now() < (throttledUntil.get(name) ?? 0)) throw new Throttled(name, "CallerRateLimitExceeded");
    const own = reserved.get(name);
    if (own !== undefined) {
      const isFull = (running.get(name) ?? 0) >= own;
      if (isFull) throw new Throttled(name, "ReservedFunctionConcurrentInvocationLimitExceeded");
      return;
    }
    const others = [...running].filter(([other]) => !reserved.has(other)).map(([, count]) => count);
    if (sum(others) >= quota - sum(reserved.values())) throw new Throttled(name, "ConcurrentInvocationLimitExceeded");
  };

  return {
    reserve: (name, concurrency) => void reserved.set(name, concurrency),
    throttle: (name, forMs) => void throttledUntil.set(name, clock.now() + forMs),
    enter: (name) => {
      assertAdmitted(name);
      running.set(name, (running.get(name) ?? 0) + 1);
      return () => void running.set(name, (running.get(name) ?? 0) - 1);
    },
  };
};
