import { STANDBY_RESET } from "../../model/instance-record.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, completeTransition, emitEvent } from "../actions.ts";
import { desiredNode } from "../desired-node.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";

const LOOK_AGAIN_MS = 15_000;
/** EC2 may take minutes to stop an instance; one that takes longer than this hangs, as a guest that ignores its power button. */
const FORCE_AFTER_MS = 10 * 60_000;

/** Source: "Troubleshoot Amazon EC2 instance stop issues", Amazon EC2 User Guide. */
const awaitStop = (instance: Instance, now: number): Action[] => {
  const { record } = instance;
  const due = (record.stopForcedAt ?? record.stopRequestedAt ?? record.stateSince) + FORCE_AFTER_MS;
  if (now < due) return [{ kind: "requeueAt", at: Math.min(now + LOOK_AGAIN_MS, due) }];
  const slow = `${record.instanceId} has not stopped within ${FORCE_AFTER_MS / 60_000} min; forcing it`;
  return [
    { kind: "updateRecord", instance, set: { stopForcedAt: now } },
    { kind: "stop", instance, force: true },
    emitEvent("Warning", "StopForced", slow, instance),
    { kind: "requeueAt", at: now + LOOK_AGAIN_MS },
  ];
};

/**
 * A drained instance that EC2 shows as stopped is standby again, once its node has the taints its next start needs. Pods that
 * outlived their grace period stay on a stopped node for ever unless they are removed, and nothing of them runs any more.
 */
export const finishStopping: Rule = ({ name, spec, instances, now }) =>
  instances.stopping.flatMap((instance): Action[] => {
    const { record, ec2, node } = instance;
    if (ec2?.state === "stopping") return awaitStop(instance, now);
    if (ec2?.state !== "stopped") return [];
    const left = leavingPods(instance.pods);
    return [
      ...(node
        ? [{ kind: "applyNode", instance, node, shape: desiredNode(name, spec, record, "standby", now) } as const]
        : []),
      ...(left.length > 0 ? [{ kind: "deletePods", instance, pods: left, force: true } as const] : []),
      completeTransition(instance, "standby", record.reason, { ...STANDBY_RESET, launchTime: ec2.launchTime }),
    ];
  });
