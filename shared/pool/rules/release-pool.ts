import { FINALIZER } from "../../model/names.ts";
import { type Action, emitEvent } from "../actions.ts";
import { allInstances, type PoolView } from "../view.ts";

/** Drops the finalizer of a deleted pool once nothing of it is observed any more: a removal that is only decided may still fail. */
export const releasePool = (view: PoolView): readonly Action[] => {
  const nothingLeft =
    allInstances(view).length === 0 && view.orphans.every(({ state, node }) => state === "terminated" && !node);
  const ours = view.finalizers.includes(FINALIZER.nodePool);
  if (!view.deleting || !nothingLeft || !ours) return [];
  return [
    { kind: "dropFinalizer" },
    emitEvent("Normal", "Deleted", "the pool's instances are terminated and their nodes deleted"),
  ];
};
