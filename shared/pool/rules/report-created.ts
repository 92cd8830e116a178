import { FINALIZER } from "../../model/names.ts";
import { type Action, emitEvent } from "../actions.ts";
import { allInstances, type PoolView } from "../view.ts";

/** Reports a pool that gets its finalizer. A pool that lost it to somebody's edit has instances and is not new. */
export const reportCreated = (view: PoolView): readonly Action[] => {
  const { spec, finalizers, deleting, orphans } = view;
  const isNew = !finalizers.includes(FINALIZER.nodePool) && allInstances(view).length === 0 && orphans.length === 0;
  if (deleting || !isNew) return [];
  const message = `the pool keeps ${spec.minStandby} standby and has at most ${spec.poolSize} instances`;
  return [emitEvent("Normal", "Created", message)];
};
