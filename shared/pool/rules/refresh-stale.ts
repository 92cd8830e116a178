import { type Action, begin, tell } from "../actions.ts";
import { nextRefresh, STALE } from "../drift.ts";
import type { Rule } from "../view.ts";

/** Ends standby that is outdated, a few at a time, and never while pods wait that it could serve. */
export const refreshStale: Rule = ({ instances, podsWait }, whole) => {
  if (podsWait !== false) return [];
  const free = new Set(instances.standby);
  return nextRefresh(whole)
    .end.filter((instance) => free.has(instance))
    .flatMap((instance): Action[] => [
      begin(instance, "terminating", STALE),
      tell("Normal", "Refreshing", `${instance.record.instanceId} is outdated standby; ending it`, instance),
    ]);
};
