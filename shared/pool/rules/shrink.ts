import { isStarting } from "../../model/instance-record.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { leastUseful } from "../drift.ts";
import type { Rule } from "../rule.ts";
import { allInstances, type Instance, type PoolView } from "../view.ts";

/**
 * Nodes without pods that an earlier look found empty too, longest empty first. A starting node is spared: the pods that it was
 * started for are on their way.
 */
const emptyNodes = ({ instances, spec, now }: PoolView): readonly Instance<"running">[] =>
  instances.running
    .filter(({ record, pods }) => {
      const wasSeenEmpty = (record.emptySince ?? now) < now || !spec.scaleDown.enabled;
      return !isStarting(record) && wasSeenEmpty && leavingPods(pods).length === 0;
    })
    .toSorted((one, other) => (one.record.emptySince ?? 0) - (other.record.emptySince ?? 0));

/** Warming instances, latest first: the least has been spent on them. */
const unfinished = ({ instances }: PoolView): readonly Instance<"warmup">[] =>
  instances.warmup
    .filter(({ record }) => record.instanceId !== undefined)
    .toSorted((one, other) => other.record.stateSince - one.record.stateSince);

/**
 * After `poolSize` was lowered, terminates what exceeds it: standby first (drifted and long unused ones before others), then warming
 * instances, then empty nodes. Nodes in use stay until they are empty.
 */
export const shrink: Rule = (view) => {
  if (view.deleting) return [];
  const staying = allInstances(view).length - view.instances.terminating.length;
  const excess = Math.max(0, staying - view.spec.poolSize);
  const sparable: readonly Instance<"standby" | "warmup" | "running">[] = [
    ...leastUseful(view),
    ...unfinished(view),
    ...emptyNodes(view),
  ];
  return sparable
    .slice(0, excess)
    .flatMap((instance): Action[] => [
      beginTransition(instance, "terminating", "PoolSizeLowered"),
      emitEvent("Normal", "ScaleDown", `${instance.record.instanceId} exceeds poolSize; terminating it`, instance),
    ]);
};
