import { conditionOf, type KubePod } from "../model/kubernetes/objects.ts";
import { isDaemonSetPod } from "../model/kubernetes/pods.ts";

/**
 * Whether the scheduler found no node for the pod and a new node could help. Gated pods are not demand: the scheduler has not looked at them yet
 * (their reason is `SchedulingGated`). Neither are pods with a nominated node, on which the scheduler is preempting other pods for them.
 */
export const isDemand = (pod: KubePod): boolean => {
  const scheduled = conditionOf(pod, "PodScheduled");
  return (
    pod.status?.phase === "Pending" &&
    scheduled?.status === "False" &&
    scheduled.reason === "Unschedulable" &&
    !pod.spec.nodeName &&
    !pod.status.nominatedNodeName &&
    pod.metadata.deletionTimestamp === undefined &&
    !isDaemonSetPod(pod)
  );
};

/** When the scheduler first found the pod unschedulable, or else when the pod was created; in ms since the epoch. */
export const pendingSince = (pod: KubePod): number =>
  Date.parse(conditionOf(pod, "PodScheduled")?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? "") || 0;
