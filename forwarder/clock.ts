/** The forwarder's time source. */
export interface ForwarderClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` after the delay; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Stops a simulated clock from advancing until the returned function is called. */
  hold?(): () => void;
}

/** Runs on while the host's time is corrected, so that a lease neither ends early nor lasts longer. */
export const systemClock: ForwarderClock = {
  now: () => performance.timeOrigin + performance.now(),
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

/** Resolves after the delay, or at once when the signal aborts. */
export const pause = (clock: ForwarderClock, delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    const abort = () => {
      cancel();
      resolve();
    };
    signal.addEventListener("abort", abort, { once: true });
  });
