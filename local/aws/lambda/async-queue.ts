import type { Clock } from "../../clock.ts";
import { Throttled } from "../gateway/throttled.ts";

/** The delays before the second and third attempt after the function failed. */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** How long throttled events are kept, and the interval between attempts, which doubles. */
const MAX_AGE_MS = 6 * 3_600_000;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;

/**
 * Lambda's queue of asynchronous invocations: two retries if the function fails, and as many as six hours allow if it is throttled.
 * (Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".)
 */
export const createAsyncQueue = (clock: Clock, invoke: (arn: string, event: unknown) => Promise<unknown>) => {
  let stopped = false;

  const add = async (arn: string, event: unknown): Promise<void> => {
    const expiresAt = clock.now() + MAX_AGE_MS;
    let backoffMs = FIRST_BACKOFF_MS;
    let failures = 0;
    for (;;) {
      const error = await invoke(arn, event).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined || stopped) return;
      if (error instanceof Throttled) {
        if (clock.now() + backoffMs > expiresAt) return;
        await clock.sleep(backoffMs);
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
      } else {
        const delayMs = RETRY_DELAYS_MS[failures];
        failures += 1;
        if (delayMs === undefined) return;
        await clock.sleep(delayMs);
      }
    }
  };

  return {
    add: (arn: string, event: unknown) => void add(arn, event),
    stop: () => {
      stopped = true;
    },
  };
};
