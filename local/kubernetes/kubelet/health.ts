import type { Clock } from "../../clock.ts";
import type { Timers } from "./timers.ts";

/** Whether kubelet answers on /healthz, as scripts look for it again and again. */
export interface Health {
  begin(): void;
  /** Calls back at the first look, one each `pollMs`, that finds kubelet healthy; never if none does. */
  await(pollMs: number, healthy: () => void): void;
}

/** Looks that find nothing are left out: a waiting script costs no timer. */
export const createHealth = (clock: Clock, timers: Timers): Health => {
  const waiting: (() => void)[] = [];
  let isHealthy = false;
  return {
    begin: () => {
      isHealthy = true;
      for (const look of waiting.splice(0)) look();
    },
    await: (pollMs, healthy) => {
      const since = clock.now();
      if (isHealthy) healthy();
      else waiting.push(() => timers.after(pollMs - ((clock.now() - since) % pollMs), healthy));
    },
  };
};
