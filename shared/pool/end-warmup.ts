/** A warmup ends as work does: without pods. */
import { leavingPods, podName } from "../model/kubernetes/pods.ts";
import { type Action, emitEvent } from "./actions.ts";
import type { Instance } from "./view.ts";

/** Stops a warming instance, or, if pods were bound to it and its power is not going anyway, begins to drain it. */
export const endWarmup = (instance: Instance<"warmup">, now: number, force: boolean): Action[] => {
  const { record, pods, ec2 } = instance;
  const leaving = leavingPods(pods);
  const isStopping = ec2?.state === "stopping" || record.stopRequestedAt !== undefined;
  if (leaving.length === 0 || isStopping) return [{ kind: "stop", instance, force }];
  const bound = leaving.map(podName).join(", ");
  return [
    { kind: "updateRecord", instance, set: { drain: { since: now } } },
    emitEvent(
      "Normal",
      "PodsOnWarmup",
      `${record.instanceId} has warmed up; it is stopped once ${bound} left`,
      instance,
    ),
  ];
};
