import type { Clock } from "../clock.ts";

/** Rounds of a controller that looks at everything every `periodMs`; those in which there is nothing to do are left out. */
export interface Rounds {
  /** Asks for the first round at `time` or later. */
  at(time: number): void;
  stop(): void;
}

export const createRounds = (clock: Clock, periodMs: number, round: () => void): Rounds => {
  const startedAt = clock.now();
  let due = Number.POSITIVE_INFINITY;
  let cancel = () => {};
  return {
    at: (time) => {
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
        round();
      });
    },
    stop: () => cancel(),
  };
};
