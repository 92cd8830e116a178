import type { ForwarderClock } from "./clock.ts";

export interface Watchdog {
  /** A sign of life. */
  heartbeat(): void;
  stop(): void;
}

/** Calls `onSilence` once no sign of life has come for `limitMs`. */
export const createWatchdog = (clock: ForwarderClock, limitMs: number, onSilence: () => void): Watchdog => {
  let lastSignAt = clock.now();
  const look = () => {
    const leftMs = lastSignAt + limitMs - clock.now();
    if (leftMs <= 0) return onSilence();
    cancel = clock.after(leftMs, look);
  };
  let cancel = clock.after(limitMs, look);
  return {
    heartbeat: () => {
      lastSignAt = clock.now();
    },
    stop: () => cancel(),
  };
};
