import type { Clock } from "../clock.ts";

export type Until = (
  /** Describes the condition; becomes the first line of the error. */
  description: string,
  condition: () => boolean | Promise<boolean>,
  options: { readonly withinMs: number },
) => Promise<void>;

/** Checks often in the first seconds and less often after that, because each check costs real time. */
const SOON_MS = 10_000;
const SOON_INTERVAL_MS = 250;
const LATER_INTERVAL_MS = 1000;

/** Waits, in the clock's time, for a condition; if it does not hold in time, throws an error that includes `dump()`. */
export const createUntil =
  (clock: Clock, dump: () => string): Until =>
  async (description, condition, { withinMs }) => {
    const startedAt = clock.now();
    for (;;) {
      const met = condition();
      // A condition that is known at once holds no time.
      if (typeof met === "boolean" ? met : await clock.busy(() => met)) return;
      const waitedMs = clock.now() - startedAt;
      if (waitedMs >= withinMs) throw new Error(`${description}: not within ${withinMs / 1000} s\n\n${dump()}`);
      await clock.sleep(Math.min(waitedMs < SOON_MS ? SOON_INTERVAL_MS : LATER_INTERVAL_MS, withinMs - waitedMs));
    }
  };
