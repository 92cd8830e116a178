import type { Clock } from "../clock.ts";

/** A controller's work queue: keys to look at, each at most once at a time however often it is asked for. */
export interface KeyedLoop {
  add(key: string): void;
  /** Like `add`, once `delayMs` have passed; replaces what was asked for later on before. */
  addLater(key: string, delayMs: number): void;
  stop(): void;
}

/** About what a controller of kube-controller-manager needs to see a change and act on it. */
const REACTION_MS = 10;

/** `reconcile` runs by a timer of its own, never inside the write that asked for it, so that what it reads is current. */
export const createKeyedLoop = (clock: Clock, reconcile: (key: string) => void): KeyedLoop => {
  const later = new Map<string, () => void>();
  let keys = new Set<string>();
  let cancel = () => {};
  let isStopped = false;

  const run = () => {
    const due = keys;
    keys = new Set();
    for (const key of due) reconcile(key);
  };

  const add = (key: string) => {
    if (isStopped) return;
    if (keys.size === 0) cancel = clock.after(REACTION_MS, run);
    keys.add(key);
  };

  return {
    add,
    addLater: (key, delayMs) => {
      later.get(key)?.();
      const due = clock.after(delayMs, () => {
        later.delete(key);
        add(key);
      });
      later.set(key, due);
    },
    stop: () => {
      isStopped = true;
      cancel();
      for (const cancelLater of later.values()) cancelLater();
    },
  };
};
