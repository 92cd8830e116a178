import { isReadySinceStart, type RecordChange, startOf } from "../../model/instance-record.ts";
import { leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { type Action, emitEvent, returnToStandby } from "../actions.ts";
import { awaitStop } from "../await-stop.ts";
import { failStart, hasFailedToStart } from "../failed-start.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

const LOOK_AGAIN_MS = 5_000;
/** A start that was just decided is still on its way to EC2, or EC2 was read before it arrived. */
const START_UNDERWAY_MS = 10_000;

/** A start that cannot be carried out, for example without capacity, ends after `startTimeout`: its pods have long had another node. */
const repeatStart = (instance: Instance<"running">, view: PoolView): Action[] => {
  const { spec, now } = view;
  const { record } = instance;
  const again: Action = { kind: "requeueAt", at: now + LOOK_AGAIN_MS };
  const since = now - (startOf(record) || record.stateSince);
  if (since < START_UNDERWAY_MS) return [again];
  if (since < spec.scaleUp.startTimeoutMs)
    return [{ kind: "updateRecord", instance, set: {} }, { kind: "start", instance }, again];
  const late = `${record.instanceId} could not be started within ${spec.scaleUp.startTimeoutMs / 1000} s; it is standby again`;
  return [...returnToStandby(instance, "NotStarted"), emitEvent("Warning", "StartTimeout", late, instance)];
};

const NOT_STOPPING: RecordChange = { stoppingSince: null, stopForcedAt: null };

/** Somebody else stops it, or it stops to be restarted. */
const awaitExternalStop = (instance: Instance<"running">, now: number): Action[] => {
  const { stoppingSince = now } = instance.record;
  return [
    ...(stoppingSince === now ? [{ kind: "updateRecord", instance, set: { stoppingSince } } as const] : []),
    ...awaitStop(instance, stoppingSince, now),
    { kind: "requeueAt", at: now + LOOK_AGAIN_MS },
  ];
};

/**
 * A running instance that EC2 shows as stopped. Either its start never reached EC2 and is repeated, or it failed, or somebody else stopped the
 * instance and it is standby again. EC2's launch time, which changes with each start, and its state reason tell which. If the node has been Ready since
 * its start, EC2 has not shown that start yet.
 */
export const repairRunning: Rule = (view) =>
  view.instances.running.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (ec2?.state === "stopping") return awaitExternalStop(instance, view.now);
    if (ec2?.state !== "stopped")
      return record.stoppingSince === undefined ? [] : [{ kind: "updateRecord", instance, set: NOT_STOPPING }];
    if (record.launchTime === ec2.launchTime)
      return node && isReadySinceStart(node, record) ? [] : repeatStart(instance, view);
    if (hasFailedToStart(instance, ec2)) return failStart(instance, ec2, view.now);
    const stranded = leavingPods(instance.pods);
    const ends = stranded.length > 0 ? `, and ${stranded.map(podName).join(", ")} ended with it` : "";
    const message = `${record.instanceId} was stopped from outside (${ec2.stateReason})${ends}; it is standby again`;
    return [...returnToStandby(instance, "StoppedFromOutside"), emitEvent("Warning", "ScaleDown", message, instance)];
  });
