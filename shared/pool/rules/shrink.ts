import { leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import { leastUseful } from "../drift.ts";
import type { Rule } from "../rule.ts";
import { allInstances, type Instance, type PoolView } from "../view.ts";

/** Nodes without a pod, longest empty first. One that was just started is waited for by the pods it was started for. */
const emptyNodes = ({ instances, spec }: PoolView): readonly Instance<"running">[] =>
  instances.running
    .filter(({ record, pods }) => {
      const isUp = record.startedAt === undefined || record.readyAt !== undefined;
      const wasSeenEmpty = record.emptySince !== undefined || !spec.scaleDown.enabled;
      return isUp && wasSeenEmpty && leavingPods(pods).length === 0;
    })
    .toSorted((one, other) => (one.record.emptySince ?? 0) - (other.record.emptySince ?? 0));

/** What is still warming up, latest first: least has been spent on it. */
const unfinished = ({ instances }: PoolView): readonly Instance<"warmup">[] =>
  instances.warmup
    .filter(({ record }) => record.instanceId !== undefined)
    .toSorted((one, other) => other.record.stateSince - one.record.stateSince);

/**
 * After `poolSize` was lowered, ends what is over it: standby first, outdated and long unused ones before others, then warmups,
 * then empty nodes. Nodes in use stay until they are empty.
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
      emitEvent(
        "Normal",
        "ScaleDown",
        `${instance.record.instanceId} is more than poolSize allows; terminating it`,
        instance,
      ),
    ]);
};
