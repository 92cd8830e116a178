import { isDraining } from "../../model/instance-record.ts";
import { isLeaving, leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { untolerated } from "../../model/kubernetes/tolerations.ts";
import { TAINT } from "../../model/names.ts";
import { type Action, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

/** How often evictions are repeated, for example because a disruption budget refused them. */
const ASK_AGAIN_MS = 15_000;

const clear = (instance: Instance<"warmup">, { now }: PoolView): Action[] => {
  const { record, ec2, node, pods } = instance;
  // Only a pod list that is read after the cordon shows that no more of them will come.
  if (ec2?.state !== "running" || !node?.spec?.unschedulable || isDraining(record)) return [];
  const early = leavingPods(pods).filter(
    (pod) => !isLeaving(pod) && untolerated([TAINT.unschedulable], pod.spec.tolerations) !== undefined,
  );
  if (early.length === 0) return [];
  const due = (record.drain?.askedAt ?? 0) + ASK_AGAIN_MS;
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const message = `${node.metadata.name} is still warming up; evicting ${early.map(podName).join(", ")}`;
  return [
    { kind: "updateRecord", instance, set: { drain: { askedAt: now } } },
    { kind: "evict", instance, pods: early },
    ...(record.drain === undefined ? [emitEvent("Normal", "PodsOnWarmup", message, instance)] : []),
    { kind: "requeueAt", at: now + ASK_AGAIN_MS },
  ];
};

/**
 * Evicts pods that were bound to a warming node before it was cordoned: it will power itself off. Pods that tolerate the cordon would come back; they
 * leave when the warmup ends.
 */
export const clearWarming: Rule = (view) => view.instances.warmup.flatMap((instance) => clear(instance, view));
