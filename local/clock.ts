/**
 * The simulated cloud's clock. While any work is in progress (a function, a request), time passes at 1×, so measured times are real.
 * While everything waits, time passes at `speed`; if `speed` is `Infinity`, it stands still and jumps to the next timer, so that other
 * work on the machine makes no difference.
 */
import { onceQuiet } from "./quiet.ts";

/** setTimeout's limit; the driver checks a later timer again after this time. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

export type Cancel = () => void;

export interface Clock {
  /** Milliseconds since the epoch, in the simulated cloud's time. */
  now(): number;
  /** Calls `run` once, after `delayMs` of the clock's time. */
  after(delayMs: number, run: () => void): Cancel;
  sleep(delayMs: number): Promise<void>;
  /** Marks work as in progress until the returned function is called. */
  hold(): Cancel;
  busy<T>(work: () => Promise<T>): Promise<T>;
}

export interface VirtualClock extends Clock {
  /** `[sequence, now, real, rate]`, from which a worker thread reads the same time (see `readClock`). */
  readonly shared: SharedArrayBuffer;
  /** Cancels all timers and freezes `now`. */
  stop(): void;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** Reads the time from `shared` in another thread than the clock's; `realNow` is that thread's unpatched Date.now. */
export const readClock = (shared: SharedArrayBuffer, realNow: () => number): number => {
  const sequence = new Int32Array(shared, 0, 1);
  const values = new Float64Array(shared, 8, 3);
  for (;;) {
    const before = Atomics.load(sequence, 0);
    const [now = 0, real = 0, rate = 0] = values;
    if (before % 2 === 0 && Atomics.load(sequence, 0) === before) return now + (realNow() - real) * rate;
  }
};

/** Time as `[sequence, now, real, rate]` in shared memory: the time `now` at the real time `real`, and its rate since then. */
const createSharedTime = (startMs: number) => {
  const shared = new SharedArrayBuffer(32);
  const sequence = new Int32Array(shared, 0, 1);
  const values = new Float64Array(shared, 8, 3);
  const realNow = () => performance.timeOrigin + performance.now();
  const set = (time: number, rate: number) => {
    // An odd sequence tells readers in other threads that the values are not consistent yet.
    Atomics.add(sequence, 0, 1);
    values.set([time, realNow(), rate]);
    Atomics.add(sequence, 0, 1);
  };
  set(startMs, 1);
  return {
    shared,
    set,
    now: () => (values[0] ?? 0) + (realNow() - (values[1] ?? 0)) * (values[2] ?? 0),
    rate: () => values[2] ?? 0,
  };
};

/** Timers ordered by due time; timers due at the same time keep the order in which they were set. */
const createTimers = () => {
  let timers: Timer[] = [];
  return {
    next: () => timers[0],
    shift: () => timers.shift(),
    add: (timer: Timer) => {
      const index = timers.findIndex((other) => other.at > timer.at);
      timers.splice(index < 0 ? timers.length : index, 0, timer);
    },
    remove: (timer: Timer) => {
      timers = timers.filter((other) => other !== timer);
    },
    clear: () => {
      timers = [];
    },
  };
};

/** Drives the timers: with real timeouts while time passes, with jumps if `speed` is `Infinity` and everything is idle. */
const createDriver = (
  { speed, workRate }: { readonly speed: number; readonly workRate: number },
  time: ReturnType<typeof createSharedTime>,
  timers: ReturnType<typeof createTimers>,
) => {
  const jumps = speed === Number.POSITIVE_INFINITY;
  /** Before it is known whether everything waits. */
  const restRate = jumps ? 0 : 1;
  let held = 0;
  let activity = 0;
  let idle = false;
  let stopped = false;
  let alarm: NodeJS.Timeout | undefined;
  let settling: Cancel | undefined;

  const runDue = () => {
    for (let next = timers.next(); next && next.at <= time.now(); next = timers.next()) {
      timers.shift();
      activity += 1;
      next.run();
    }
  };

  const arm = () => {
    clearTimeout(alarm);
    if (stopped) return;
    const next = timers.next();
    if (time.rate() === 0) return;
    const untilDue = next ? Math.max(0, next.at - time.now()) / time.rate() : LONGEST_SLEEP_MS;
    alarm = setTimeout(tick, Math.min(untilDue, LONGEST_SLEEP_MS));
  };

  const tick = () => {
    runDue();
    arm();
    settle();
  };

  const passAt = (rate: number) => {
    if (stopped || time.rate() === rate) return;
    time.set(time.now(), rate);
    arm();
  };

  const passIdleTime = () => {
    settling = undefined;
    const next = timers.next();
    if (!jumps) {
      idle = true;
      passAt(speed);
    } else if (next) {
      time.set(Math.max(time.now(), next.at), restRate);
      tick();
    }
  };

  /** Lets idle time pass once all that is under way without a hold, such as bytes to a socket of this process, has arrived. */
  const settle = () => {
    if (held === 0 && !idle && !stopped) settling ??= onceQuiet(() => activity, passIdleTime);
  };

  const unsettle = () => {
    settling?.();
    settling = undefined;
  };

  passAt(restRate);
  return {
    /** What is due first has changed. */
    rearm: () => {
      arm();
      settle();
    },
    hold: () => {
      held += 1;
      activity += 1;
      unsettle();
      idle = false;
      passAt(workRate);
    },
    release: () => {
      held -= 1;
      activity += 1;
      if (held === 0) passAt(restRate);
      settle();
    },
    stop: () => {
      stopped = true;
      clearTimeout(alarm);
      unsettle();
    },
  };
};

/**
 * `startMs` is the initial value of `now`; `speed` is the rate of idle time (`Infinity` skips it). With a `workRate` of 0 work takes no
 * time either, for tests whose outcome depends on fractions of a second; work must then not wait for a timer.
 */
export const createClock = (speed: number, startMs = Date.now(), workRate: 0 | 1 = 1): VirtualClock => {
  const time = createSharedTime(startMs);
  const timers = createTimers();
  const driver = createDriver({ speed, workRate }, time, timers);

  const after = (delayMs: number, run: () => void): Cancel => {
    const timer: Timer = { at: time.now() + Math.max(0, delayMs), run };
    timers.add(timer);
    if (timers.next() === timer) driver.rearm();
    return () => timers.remove(timer);
  };

  const hold = (): Cancel => {
    driver.hold();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      driver.release();
    };
  };

  driver.rearm();
  return {
    shared: time.shared,
    now: time.now,
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
      time.set(time.now(), 0);
      driver.stop();
      timers.clear();
    },
  };
};
