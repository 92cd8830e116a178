/**
 * The clock of the embedded cloud. While anything is at work (a function, a request) its time passes at 1×, so that what
 * is measured is what it took; while everything waits, time passes at `speed`, or, at `Infinity`, jumps to the next timer.
 */

const QUIET_MS = 4;
/** setTimeout's own limit; a later timer is simply looked at again. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch, in the embedded cloud's time. */
  now(): number;
  /** Runs once `delayMs` of the clock's time have passed. */
  after(delayMs: number, run: () => void): Cancel;
  sleep(delayMs: number): Promise<void>;
  /** Marks work as being done until the returned function is called. */
  hold(): Cancel;
  busy<T>(work: () => Promise<T>): Promise<T>;
}

export interface EmbeddedClock extends Clock {
  /** `[sequence, now, real, rate]`, from which a worker thread reads the same time (see `readClock`). */
  readonly shared: SharedArrayBuffer;
  /** Forgets all timers; `now` stands still afterwards. */
  stop(): void;
}

interface Timer {
  at: number;
  order: number;
  run: () => void;
}

/** Time as it stands in `shared`, for a thread other than the clock's own; `realNow` is that thread's unpatched Date.now. */
export const readClock = (shared: SharedArrayBuffer, realNow: () => number): number => {
  const sequence = new Int32Array(shared, 0, 1);
  const values = new Float64Array(shared, 8, 3);
  for (;;) {
    const before = Atomics.load(sequence, 0);
    const [now = 0, real = 0, rate = 0] = values;
    if (before % 2 === 0 && Atomics.load(sequence, 0) === before) return now + (realNow() - real) * rate;
  }
};

/** `startMs` is the first value of `now`; `speed` how fast idle time passes (`Infinity`: not at all). */
export const createClock = (speed: number, startMs = Date.now()): EmbeddedClock => {
  const shared = new SharedArrayBuffer(32);
  const sequence = new Int32Array(shared, 0, 1);
  const values = new Float64Array(shared, 8, 3);
  const realNow = () => performance.timeOrigin + performance.now();
  let timers: Timer[] = [];
  let order = 0;
  let held = 0;
  let activity = 0;
  let idle = false;
  let stopped = false;
  let alarm: NodeJS.Timeout | undefined;

  const now = () => (values[0] ?? 0) + (realNow() - (values[1] ?? 0)) * (values[2] ?? 0);

  const set = (time: number, rate: number) => {
    Atomics.add(sequence, 0, 1);
    values[0] = time;
    values[1] = realNow();
    values[2] = rate;
    Atomics.add(sequence, 0, 1);
  };

  const runDue = () => {
    for (let next = timers[0]; next && next.at <= now(); next = timers[0]) {
      timers.shift();
      activity += 1;
      next.run();
    }
  };

  const arm = () => {
    clearTimeout(alarm);
    if (stopped) return;
    const next = timers[0];
    const rate = values[2] ?? 0;
    if (!idle) {
      const untilDue = next ? Math.max(0, next.at - now()) : LONGEST_SLEEP_MS;
      const wait = held === 0 ? Math.min(QUIET_MS, untilDue) : Math.min(untilDue, LONGEST_SLEEP_MS);
      alarm = setTimeout(held === 0 ? settle : tick, wait);
    } else if (next) {
      alarm = setTimeout(tick, Math.min(Math.max(0, next.at - now()) / rate, LONGEST_SLEEP_MS));
    }
  };

  const tick = () => {
    runDue();
    arm();
  };

  /** Quiet so far: let pending socket events run, and if still nothing happens, let idle time pass. */
  const settle = () => {
    const seen = activity;
    setImmediate(() =>
      setImmediate(() => {
        if (stopped) return;
        if (held > 0 || activity !== seen) return arm();
        if (speed === Number.POSITIVE_INFINITY) {
          const next = timers[0];
          if (next) set(Math.max(now(), next.at), 1);
        } else {
          idle = true;
          set(now(), speed);
        }
        tick();
      }),
    );
  };

  const awake = () => {
    activity += 1;
    if (idle) {
      idle = false;
      set(now(), 1);
    }
    arm();
  };

  const after = (delayMs: number, run: () => void): Cancel => {
    order += 1;
    const timer: Timer = { at: now() + Math.max(0, delayMs), order, run };
    const index = timers.findIndex((other) => other.at > timer.at);
    timers.splice(index < 0 ? timers.length : index, 0, timer);
    if (timers[0] === timer) arm();
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };

  const hold = (): Cancel => {
    held += 1;
    awake();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      held -= 1;
      awake();
    };
  };

  set(startMs, 1);
  arm();
  return {
    shared,
    now,
    after,
    hold,
    sleep: (delayMs) => new Promise((resolve) => void after(delayMs, resolve)),
    busy: async (work) => {
      const release = hold();
      try {
        return await work();
      } finally {
        release();
      }
    },
    stop: () => {
      set(now(), 0);
      stopped = true;
      timers = [];
      clearTimeout(alarm);
    },
  };
};
