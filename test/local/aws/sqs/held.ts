import type { Clock } from "../../../../local/clock.ts";

/** Holds the clock except while a test lets time pass; otherwise it could jump while the test's own client is working. */
export interface HeldClock {
  pass(ms: number): Promise<void>;
  /** Lets time pass until the work completes. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export const holdClock = (clock: Clock): HeldClock => {
  let release = clock.hold();
  const during = async <T>(work: () => Promise<T>): Promise<T> => {
    release();
    try {
      return await work();
    } finally {
      release = clock.hold();
    }
  };
  return { pass: (ms) => during(() => clock.sleep(ms)), during };
};
