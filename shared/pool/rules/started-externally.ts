/** Standby instances that were started by somebody else: they are recorded as running and return by the usual way. */

import { isStartedExternally } from "../../model/instance-record.ts";
import { leavingPods } from "../../model/kubernetes/pods.ts";
import { type Action, beginTransition, emitEvent } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { hasStartedSince, wasStartedMeanwhile } from "../view.ts";

/**
 * Records a standby instance that runs as running. The transition depends on the record that was read: if demand has just decided on
 * the same start, demand wins.
 */
export const recordExternalStart: Rule = ({ instances }) =>
  instances.standby
    .filter((instance) => instance.ec2?.state === "running" && hasStartedSince(instance))
    .flatMap((instance): Action[] => [
      beginTransition(instance, "running", "StartedFromOutside"),
      emitEvent(
        "Warning",
        "ScaleDown",
        `${instance.record.instanceId} was started from outside; stopping it again`,
        instance,
      ),
    ]);

/**
 * A standby instance that was started and stopped again since the last look, which EC2's launch time shows. Pods that were bound to it meanwhile no
 * longer run, and no kubelet will report it.
 */
export const forgetExternalStart: Rule = ({ instances }) =>
  instances.standby.filter(wasStartedMeanwhile).flatMap((instance): Action[] => {
    const stranded = leavingPods(instance.pods);
    const launchTime = instance.ec2?.launchTime;
    return [
      { kind: "updateRecord", instance, set: { launchTime } },
      ...(stranded.length > 0 ? [{ kind: "deletePods", instance, pods: stranded, force: true } as const] : []),
    ];
  });

/** Returns such an instance to standby: no pods need it, and its node is still cordoned. */
export const stopStartedExternally: Rule = ({ instances }) =>
  instances.running
    .filter(({ record }) => isStartedExternally(record))
    .map((instance): Action => beginTransition(instance, "stopping", "StartedFromOutside"));
