import type { ForwarderClock } from "./clock.ts";

export interface Watchdog {
  /** Resets the timeout. */
  heartbeat(): void;
  stop(): void;
}

/** Calls `onSilence` after `limitMs` without a heartbeat. */
export const createWatchdog = (clock: ForwarderClock, limitMs: number, onSilence: () => void): Watchdog => {
  let lastHeartbeatAt = clock.now();
  const check = () => {
    const remainingMs = lastHeartbeatAt + limitMs - clock.now();
    if (remainingMs <= 0) return onSilence();
    cancel = clock.after(remainingMs, check);
  };
  let cancel = clock.after(limitMs, check);
  return {
    heartbeat: () => {
      lastHeartbeatAt = clock.now();
    },
    stop: () => cancel(),
  };
};
