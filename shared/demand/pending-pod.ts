import { conditionOf, type KubePod } from "../model/kubernetes/objects.ts";
import { isDaemonSetPod } from "../model/kubernetes/pods.ts";

/**
 * A pod that the scheduler found no node for, and that a new node could help. Gated pods are none, as the scheduler has not looked
 * at them (their reason is `SchedulingGated`); nor is one that has been promised a node, on which others are making room for it.
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

/** When the scheduler gave up on it, or else when it was made; in ms. */
export const pendingSince = (pod: KubePod): number =>
  Date.parse(conditionOf(pod, "PodScheduled")?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? "") || 0;
