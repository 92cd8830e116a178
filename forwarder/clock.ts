/** Where the forwarder takes its time from. */
export interface ForwarderClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once the delay has passed; the returned function cancels that. */
  after(delayMs: number, run: () => void): () => void;
  /** Tells a simulated clock that work is under way until the returned function is called. */
  hold?(): () => void;
}

export const systemClock: ForwarderClock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Does `work` with the clock held, where it can be held. */
export const holding = async <T>(clock: ForwarderClock, work: () => Promise<T>): Promise<T> => {
  const release = clock.hold?.();
  try {
    return await work();
  } finally {
    release?.();
  }
};
