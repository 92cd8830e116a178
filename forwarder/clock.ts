/** The forwarder's time source. */
export interface ForwarderClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` after the delay; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Stops a simulated clock from advancing until the returned function is called. */
  hold?(): () => void;
}

export const systemClock: ForwarderClock = {
  now: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Runs `work` with the clock held, if it can be held. */
export const holding = async <T>(clock: ForwarderClock, work: () => Promise<T>): Promise<T> => {
  const release = clock.hold?.();
  try {
    return await work();
  } finally {
    release?.();
  }
};
