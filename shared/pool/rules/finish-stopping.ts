import { STANDBY_RESET } from "../../model/instance-record.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition, completeTransition, emitEvent, latestBoot } from "../actions.ts";
import { retirement } from "../retirement.ts";
import type { Rule } from "../rule.ts";
import type { Instance } from "../view.ts";

/** EC2 may take minutes to stop an instance; one that takes longer hangs, like a guest that ignores its power button. */
const FORCE_AFTER_MS = 10 * 60_000;

/** Source: "Troubleshoot Amazon EC2 instance stop issues", Amazon EC2 User Guide. */
const awaitStop = (instance: Instance, now: number): Action[] => {
  const { record } = instance;
  const due = (record.stopForcedAt ?? record.stopRequestedAt ?? record.stateSince) + FORCE_AFTER_MS;
  // EC2's event about the stop wakes the pool.
  if (now < due) return [{ kind: "requeueAt", at: due }];
  const slow = `${record.instanceId} has not stopped within ${FORCE_AFTER_MS / 60_000} min; forcing it`;
  return [
    { kind: "updateRecord", instance, set: { stopForcedAt: now } },
    { kind: "stop", instance, force: true },
    emitEvent("Warning", "StopForced", slow, instance),
    { kind: "requeueAt", at: now + FORCE_AFTER_MS },
  ];
};

/**
 * A drained instance that EC2 shows as stopped is standby again once its node has the taints that its next start needs. Pods that
 * outlived their grace period are deleted: they no longer run, and no kubelet would ever remove them.
 */
export const finishStopping: Rule = ({ spec, instances, now }) =>
  instances.stopping.flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (ec2?.state === "stopping") return awaitStop(instance, now);
    if (ec2?.state !== "stopped") return [];
    const retired = retirement(instance, spec);
    if (retired)
      return [
        beginTransition(instance, "terminating", "Retired"),
        emitEvent("Normal", "ScaleDown", `${record.instanceId} is replaced, because ${retired}`, instance),
      ];
    const left = leavingPods(instance.pods);
    return [
      ...(left.length > 0 ? [{ kind: "deletePods", instance, pods: left, force: true } as const] : []),
      completeTransition(instance, "standby", record.reason, { ...STANDBY_RESET, ...latestBoot(instance) }),
    ];
  });
