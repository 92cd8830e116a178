import { type Action, begin } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { allInstances } from "../view.ts";

/** After `poolSize` was lowered, ends what is over it: standby first, oldest first. */
export const shrink: Rule = (view) => {
  if (view.deleting) return [];
  const staying = allInstances(view).length - view.instances.terminating.length;
  const excess = Math.max(0, staying - view.spec.poolSize);
  return view.instances.standby
    .toSorted((one, other) => one.record.stateSince - other.record.stateSince)
    .slice(0, excess)
    .map((instance): Action => begin(instance, "terminating", "PoolSizeLowered"));
};
