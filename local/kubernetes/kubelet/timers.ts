import type { Clock } from "../../clock.ts";

/** Timers that can be canceled together, because a power-off ends everything on a machine. */
export interface Timers {
  after(delayMs: number, run: () => void): () => void;
  cancelAll(): void;
}

export const createTimers = (clock: Clock): Timers => {
  const cancels = new Set<() => void>();
  let isOver = false;
  return {
    after: (delayMs, run) => {
      if (isOver) return () => {};
      const cancel = clock.after(delayMs, () => {
        cancels.delete(cancel);
        run();
      });
      cancels.add(cancel);
      return () => {
        cancels.delete(cancel);
        cancel();
      };
    },
    cancelAll: () => {
      isOver = true;
      for (const cancel of cancels) cancel();
      cancels.clear();
    },
  };
};
