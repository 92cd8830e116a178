import type { Action } from "../actions.ts";
import { comingStandby, unrequestedSlots } from "../standby-target.ts";
import { livingOrphans, type PoolView } from "../view.ts";
import { launchBackoffUntil } from "../warmup-backoff.ts";

/** Launches what is missing of the standby target, counting what is on its way there. Orphans get their slots first. */
export const replenish = (view: PoolView): readonly Action[] => {
  if (view.deleting || view.nodeClass.kind !== "ready" || livingOrphans(view).length > 0) return [];
  const missing = view.spec.minStandby - comingStandby(view);
  const count = Math.min(missing, unrequestedSlots(view));
  if (count <= 0) return [];
  const heldUntil = launchBackoffUntil(view);
  if (view.now < heldUntil) return [{ kind: "requeueAt", at: heldUntil }];
  return [{ kind: "launch", count, reason: "Replenish" }];
};
