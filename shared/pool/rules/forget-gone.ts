import { afterRefusedLaunch } from "../../capacity/plan-capacity.ts";
import { type Ec2Instance, isInterruptedSpot, isUndone, undoneReason } from "../../model/ec2.ts";
import { leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { type Action, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { allInstances, type Instance, type PoolView } from "../view.ts";
import { withFailure } from "../warmup-backoff.ts";

/** EC2 may answer NotFound for minutes after a launch; only a long absence means that an instance is gone. */
const ABSENT_FOR_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 30_000;

/** EC2 interrupted it without a notice, or before its pods had left. */
const interrupted = (instance: Instance): Action[] => {
  const { record, pods, notice } = instance;
  const left = leavingPods(pods);
  const ended = left.length > 0 ? `; ${left.map(podName).join(", ")} ended with it` : "";
  if (record.state === "terminating" && ended === "") return [];
  return [
    ...(notice
      ? []
      : [
          {
            kind: "recordMetric",
            metric: "spotInterruptions",
            value: 1,
            labels: { notice: "none" },
            about: instance,
          } as const,
        ]),
    emitEvent("Warning", "SpotInterruption", `EC2 has interrupted ${record.instanceId}${ended}`, instance),
  ];
};

const lost = (instance: Instance): Action => {
  const { record, ec2 } = instance;
  const reason = ec2?.stateReason ? ` (${ec2.stateReason})` : "";
  const message = `${record.instanceId} is gone from EC2; it was terminated from outside${reason}`;
  return emitEvent("Warning", "InstanceLost", message, instance);
};

/** A launch that EC2 accepted and undid counts as a failed warmup, so that the next one waits. */
const failLaunch = (instance: Instance, ec2: Ec2Instance, view: PoolView): Action[] => {
  const { record } = instance;
  const { key, until } = afterRefusedLaunch(record, undefined, view.now);
  const message = `EC2 undid the launch of ${record.instanceId}: ${undoneReason(ec2)}`;
  return [
    { kind: "recordWarmupFailures", failures: withFailure(view, record, "LaunchFailed", message) },
    { kind: "markUnavailable", offering: key, until },
    { kind: "recordMetric", metric: "warmupFailures", value: 1, labels: { reason: "LaunchFailed" }, about: instance },
    emitEvent("Warning", "WarmupFailed", message, instance),
  ];
};

const explain = (instance: Instance, view: PoolView): Action[] => {
  const { record, ec2 } = instance;
  if (ec2 && isInterruptedSpot(ec2)) return interrupted(instance);
  if (record.state === "terminating") return [];
  return record.state === "warmup" && ec2 && isUndone(ec2) ? failLaunch(instance, ec2, view) : [lost(instance)];
};

const gone = (instance: Instance, view: PoolView): Action[] => [
  ...explain(instance, view),
  ...(instance.node ? [{ kind: "deleteNode", instance, node: instance.node } as const] : []),
  { kind: "releaseSlot", instance },
];

/** Removes the record and the node of terminated instances, whoever terminated them. */
export const forgetGone: Rule = (view) =>
  allInstances(view).flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (record.instanceId === undefined) return [];
    if (ec2?.state === "terminated") return gone(instance, view);
    if (ec2)
      return record.missingSince === undefined ? [] : [{ kind: "updateRecord", instance, set: { missingSince: null } }];
    if (record.missingSince === undefined) {
      return [
        { kind: "updateRecord", instance, set: { missingSince: view.now } },
        { kind: "requeueAt", at: view.now + LOOK_AGAIN_MS },
      ];
    }
    if (view.now - record.missingSince >= ABSENT_FOR_MS) return gone(instance, view);
    return [{ kind: "requeueAt", at: view.now + LOOK_AGAIN_MS }];
  });
