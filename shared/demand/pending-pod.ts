import { conditionOf, type KubePod } from "../model/kubernetes/objects.ts";
import { isDaemonSetPod, isLeaving, leavingPods } from "../model/kubernetes/pods.ts";
import { untolerated } from "../model/kubernetes/tolerations.ts";
import { TAINT } from "../model/names.ts";

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

/**
 * Whether the scheduler may have bound the pod to a stopped node, as it does with pods that tolerate everything (kubernetes#110396): it has not begun
 * to run, and tolerates the taint of standby.
 */
export const mayBeOnStandby = (pod: KubePod): boolean =>
  pod.status?.phase === "Pending" &&
  pod.spec.nodeName !== undefined &&
  !isLeaving(pod) &&
  leavingPods([pod]).length > 0 &&
  untolerated([TAINT.standby], pod.spec.tolerations) === undefined;

/** When the scheduler first found the pod unschedulable, or else when the pod was created; in ms since the epoch. */
export const pendingSince = (pod: KubePod): number =>
  Date.parse(conditionOf(pod, "PodScheduled")?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? "") || 0;
