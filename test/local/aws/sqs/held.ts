import type { Clock } from "../../../../local/clock.ts";

/** The clock, held but while a test says that time passes: else it might jump while the test's own client is at work. */
export interface HeldClock {
  pass(ms: number): Promise<void>;
  /** Lets time pass until the work is done. */
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
