/** The queue's promises: one worker for each key, and no wake without a reconcile that begins after it. */
import { FUNCTION_TIMEOUT_MS } from "../../../shared/model/limits.ts";
import type { Check } from "./check.ts";

/** Without faults a wake waits for the end of a reconcile, for a second after it, and for its message. */
const ANSWERED_WITHIN_MS = 12_000;
const LOOK_EVERY_MS = 5_000;

export const checkLeases: Check = ({ hooks, clock }, violate) => {
  let lostAt = Number.NEGATIVE_INFINITY;
  hooks.onTableLost.add(() => {
    lostAt = clock.now();
  });
  hooks.onReconcile.add((key, process, other) => {
    // Leases are lost with the table; the functions that had them end soon.
    if (other && clock.now() - lostAt > FUNCTION_TIMEOUT_MS)
      violate("leases", `${process.name} reconciles ${key}, and so does ${other.name}`);
  });
};

/** Only in a world without faults: elsewhere messages come late, and the sweep finds what was lost. */
export const checkWakes: Check = ({ hooks, clock }, violate) => {
  const waiting = new Map<string, number>();
  hooks.onMessage.add((key, sentAt, isTimer) => {
    if (!isTimer && !waiting.has(key)) waiting.set(key, sentAt);
  });
  hooks.onReconcile.add((key) => void waiting.delete(key));
  const look = (): void => {
    for (const [key, since] of waiting)
      if (clock.now() - since > ANSWERED_WITHIN_MS) violate("5", `a wake of ${key} led to no reconcile`);
    clock.after(LOOK_EVERY_MS, look);
  };
  look();
};
