import { STANDBY_RESET } from "../../model/instance-record.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition, completeTransition, emitEvent, latestBoot } from "../actions.ts";
import { awaitStop } from "../await-stop.ts";
import { retirement } from "../retirement.ts";
import type { Rule } from "../rule.ts";

/**
 * A drained instance that EC2 shows as stopped is standby again once its node has the taints that its next start needs. Pods that
 * outlived their grace period are deleted: they no longer run, and no kubelet would ever remove them.
 */
export const finishStopping: Rule = ({ spec, instances, now }) =>
  instances.stopping.flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (ec2?.state === "stopping") return awaitStop(instance, record.stopRequestedAt ?? record.stateSince, now);
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
