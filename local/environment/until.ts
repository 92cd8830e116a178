import type { Clock } from "../clock.ts";

export type Until = (
  /** What is waited for, in words; the failure's first line. */
  description: string,
  condition: () => boolean | Promise<boolean>,
  options: { readonly withinMs: number },
) => Promise<void>;

/** Often while things happen by the second, rarely once it has become a matter of minutes: each look costs real time. */
const SOON_MS = 10_000;
const SOON_INTERVAL_MS = 250;
const LATER_INTERVAL_MS = 1000;

/** Waits, by the clock, for a condition; throws with what `dump` shows of the whole when it does not come. */
export const createUntil =
  (clock: Clock, dump: () => string): Until =>
  async (description, condition, { withinMs }) => {
    const startedAt = clock.now();
    for (;;) {
      const met = condition();
      // What is known at once is no work.
      if (typeof met === "boolean" ? met : await clock.busy(() => met)) return;
      const waitedMs = clock.now() - startedAt;
      if (waitedMs >= withinMs) throw new Error(`${description}: not within ${withinMs / 1000} s\n\n${dump()}`);
      await clock.sleep(Math.min(waitedMs < SOON_MS ? SOON_INTERVAL_MS : LATER_INTERVAL_MS, withinMs - waitedMs));
    }
  };
