import { FINALIZER } from "../../model/names.ts";
import type { Rule } from "../rule.ts";
import { allInstances } from "../view.ts";

/** Lets a deleted pool go once nothing is seen of it any more: what is about to be removed may still fail to be. */
export const releasePool: Rule = (view) => {
  const nothingLeft = allInstances(view).length === 0 && view.orphans.every(({ state }) => state === "terminated");
  const ours = view.finalizers.includes(FINALIZER.nodePool);
  if (!view.deleting || !nothingLeft || !ours) return [];
  return [
    ...(view.warmupFailures ? [{ kind: "recordWarmupFailures", failures: undefined } as const] : []),
    { kind: "dropFinalizer" },
  ];
};
