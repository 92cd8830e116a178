/** A warmup ends as work does: without pods. */
import { leavingPods, podName } from "../model/kubernetes/pods.ts";
import { type Action, emitEvent } from "./actions.ts";
import type { Instance } from "./view.ts";

/** Stops a warming instance, or, if pods were bound to it, begins to drain it. */
export const endWarmup = (instance: Instance<"warmup">, now: number, force: boolean): Action[] => {
  const { record, pods } = instance;
  const leaving = leavingPods(pods);
  if (leaving.length === 0 || record.stopRequestedAt !== undefined) return [{ kind: "stop", instance, force }];
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
