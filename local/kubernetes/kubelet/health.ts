import type { Clock } from "../../clock.ts";
import type { Timers } from "./timers.ts";

/** The kubelet's /healthz endpoint, as polled by scripts. */
export interface Health {
  markHealthy(): void;
  /** Polls every `pollMs` and calls back once the kubelet is healthy; never calls back if it never is. */
  whenHealthy(pollMs: number, healthy: () => void): void;
}

/** Skips polls that would find the kubelet unhealthy, so a waiting script costs no timer. */
export const createHealth = (clock: Clock, timers: Timers): Health => {
  const waiting: (() => void)[] = [];
  let isHealthy = false;
  return {
    markHealthy: () => {
      isHealthy = true;
      for (const callBack of waiting.splice(0)) callBack();
    },
    whenHealthy: (pollMs, healthy) => {
      const since = clock.now();
      if (isHealthy) healthy();
      else waiting.push(() => timers.after(pollMs - ((clock.now() - since) % pollMs), healthy));
    },
  };
};
