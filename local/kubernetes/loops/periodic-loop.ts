import type { Clock } from "../../clock.ts";

/** A controller loop with a fixed period. Iterations that would find nothing to do are skipped, so an idle loop costs no timer. */
export interface PeriodicLoop {
  /** Schedules the first iteration at or after `time`. */
  runAt(time: number): void;
  stop(): void;
}

export const createPeriodicLoop = (clock: Clock, periodMs: number, run: () => void): PeriodicLoop => {
  const startedAt = clock.now();
  let due = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  return {
    runAt: (time) => {
      const periods = Math.max(
        Math.ceil((time - startedAt) / periodMs),
        Math.floor((clock.now() - startedAt) / periodMs) + 1,
      );
      const next = startedAt + periods * periodMs;
      if (next >= due) return;
      cancel();
      due = next;
      cancel = clock.after(next - clock.now(), () => {
        due = Number.POSITIVE_INFINITY;
        run();
      });
    },
    stop: () => cancel(),
  };
};
