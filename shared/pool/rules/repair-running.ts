import { STANDBY_RESET, startOf } from "../../model/instance-record.ts";
import { leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { type Action, completeTransition, emitEvent } from "../actions.ts";
import { desiredNode } from "../desired-node.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

const LOOK_AGAIN_MS = 5_000;
/** A start that was just decided is still on its way to EC2, or EC2's answer is older than it. */
const START_UNDERWAY_MS = 10_000;

/** Standby again: all that was about its time in use is over. */
const returnToStandby = (instance: Instance<"running">, { name, spec, now }: PoolView, reason: string): Action[] => {
  const { record, ec2, node } = instance;
  const stranded = leavingPods(instance.pods);
  return [
    ...(node
      ? [{ kind: "applyNode", instance, node, shape: desiredNode(name, spec, record, "standby", now) } as const]
      : []),
    // Nothing of them runs any more, and no kubelet will say so: their controllers wait for that.
    ...(stranded.length > 0 ? [{ kind: "deletePods", instance, pods: stranded, force: true } as const] : []),
    completeTransition(instance, "standby", reason, { ...STANDBY_RESET, launchTime: ec2?.launchTime }),
  ];
};

/** A start that cannot be made, as for want of capacity, is given up in the end: pods have long had another one. */
const repeatStart = (instance: Instance<"running">, view: PoolView): Action[] => {
  const { spec, now } = view;
  const { record } = instance;
  const again: Action = { kind: "requeueAt", at: now + LOOK_AGAIN_MS };
  const since = now - (startOf(record) || record.stateSince);
  if (since < START_UNDERWAY_MS) return [again];
  if (since < spec.scaleUp.startTimeoutMs)
    return [{ kind: "updateRecord", instance, set: {} }, { kind: "start", instance }, again];
  const late = `${record.instanceId} could not be started within ${spec.scaleUp.startTimeoutMs / 1000} s; it is standby again`;
  return [...returnToStandby(instance, view, "NotStarted"), emitEvent("Warning", "StartTimeout", late, instance)];
};

/**
 * A running instance that EC2 shows as stopped: either its start was decided but never reached EC2, then it is repeated,
 * or someone else stopped it, then it is standby again. EC2's launch time, which changes with each start, tells which.
 */
export const repairRunning: Rule = (view) =>
  view.instances.running.flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (ec2?.state === "stopping") return [{ kind: "requeueAt", at: view.now + LOOK_AGAIN_MS }];
    if (ec2?.state !== "stopped") return [];
    if (record.launchTime === ec2.launchTime) return repeatStart(instance, view);
    const stranded = leavingPods(instance.pods);
    const ends = stranded.length > 0 ? `, and ${stranded.map(podName).join(", ")} ended with it` : "";
    const message = `${record.instanceId} was stopped from outside${ends}; it is standby again`;
    return [
      ...returnToStandby(instance, view, "StoppedFromOutside"),
      emitEvent("Warning", "ScaleDown", message, instance),
    ];
  });
