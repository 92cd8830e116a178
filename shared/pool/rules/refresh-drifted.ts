/** Replaces drifted standby: the replacement is launched first, then the drifted instance is terminated. */

import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { nextRefresh } from "../drift.ts";
import type { Rule } from "../rule.ts";
import type { PoolView } from "../view.ts";

/** Terminates drifted standby, a few at a time, and never while pods are pending that it could serve. */
export const refreshDrifted: Rule = ({ instances, hasPendingPods }, whole) => {
  if (hasPendingPods !== false) return [];
  const open = new Set(instances.standby.map(({ record }) => record.slot));
  return nextRefresh(whole)
    .terminate.filter(({ record }) => open.has(record.slot))
    .flatMap((instance): Action[] => [
      beginTransition(instance, "terminating", "Stale"),
      emitEvent("Normal", "Refreshing", `${instance.record.instanceId} is drifted standby; terminating it`, instance),
    ]);
};

/** Launches the replacements of drifted standby. */
export const launchReplacements = (view: PoolView): readonly Action[] => {
  if (view.hasPendingPods !== false) return [];
  const { launch } = nextRefresh(view);
  return launch > 0 ? [{ kind: "launch", count: launch, reason: "Refresh" }] : [];
};
