import type { Clock } from "../../clock.ts";

/** A controller's work queue, as in client-go. A key that is added several times is reconciled once. */
export interface WorkQueue {
  add(key: string): void;
  /** Adds the key after `delayMs`. Replaces an earlier delayed add of the same key. */
  addAfter(key: string, delayMs: number): void;
  stop(): void;
}

/** Roughly the time from a change until a controller in kube-controller-manager acts on it. */
const REACTION_MS = 10;

/** `reconcile` runs from its own timer, never inside the write that triggered it, so it always reads current state. */
export const createWorkQueue = (clock: Clock, reconcile: (key: string) => void): WorkQueue => {
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
    addAfter: (key, delayMs) => {
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
