import type { Clock } from "../../clock.ts";
import { Throttled } from "../gateway/throttled.ts";

/** A function's configuration of asynchronous invocations (`PutFunctionEventInvokeConfig`). */
export interface AsyncConfig {
  /** How long a throttled event is kept, and an event that failed is retried. */
  readonly maxAgeMs: number;
  /** At most two. */
  readonly maxRetries: number;
  /** Called with each event that is given up, and why. */
  onFailure?(event: unknown, condition: "RetriesExhausted" | "EventAgeExceeded"): void;
}

const USUAL: AsyncConfig = { maxAgeMs: 6 * 3_600_000, maxRetries: 2 };

/** The delays before the second and third attempt after the function failed. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** The interval between attempts while the function is throttled, which doubles. */
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;

/**
 * Lambda's queue of asynchronous invocations: two retries if the function fails, and as many as six hours allow if it is throttled, unless its
 * configuration says otherwise. (Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".)
 */
export const createAsyncQueue = (clock: Clock, invoke: (arn: string, event: unknown) => Promise<unknown>) => {
  const configs = new Map<string, AsyncConfig>();
  let stopped = false;

  const add = async (arn: string, event: unknown): Promise<void> => {
    const { maxAgeMs, maxRetries, onFailure } = configs.get(arn) ?? USUAL;
    const expiresAt = clock.now() + maxAgeMs;
    let backoffMs = FIRST_BACKOFF_MS;
    let failures = 0;
    for (;;) {
      const error = await invoke(arn, event).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined || stopped) return;
      let delayMs = backoffMs;
      if (error instanceof Throttled) {
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
      } else {
        delayMs = RETRY_DELAYS_MS[failures] ?? 0;
        failures += 1;
        if (failures > maxRetries) return onFailure?.(event, "RetriesExhausted");
      }
      if (clock.now() + delayMs > expiresAt) return onFailure?.(event, "EventAgeExceeded");
      await clock.sleep(delayMs);
    }
  };

  return {
    add: (arn: string, event: unknown) => void add(arn, event),
    configure: (arn: string, config: AsyncConfig) => void configs.set(arn, config),
    stop: () => {
      stopped = true;
    },
  };
};
