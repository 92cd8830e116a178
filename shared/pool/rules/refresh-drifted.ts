import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { DRIFTED, nextRefresh } from "../drift.ts";
import type { Rule } from "../rule.ts";

/** Ends standby that is outdated, a few at a time, and never while pods wait that it could serve. */
export const refreshDrifted: Rule = ({ instances, hasPendingPods }, whole) => {
  if (hasPendingPods !== false) return [];
  const free = new Set(instances.standby);
  return nextRefresh(whole)
    .end.filter((instance) => free.has(instance))
    .flatMap((instance): Action[] => [
      beginTransition(instance, "terminating", DRIFTED),
      emitEvent("Normal", "Refreshing", `${instance.record.instanceId} is outdated standby; ending it`, instance),
    ]);
};
