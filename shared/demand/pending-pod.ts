import { conditionOf, type KubePod } from "../model/kubernetes/objects.ts";
import { isDaemonSetPod, isLeaving, leavingPods } from "../model/kubernetes/pods.ts";
import { untolerated } from "../model/kubernetes/tolerations.ts";
import { TAINT } from "../model/names.ts";

/**
 * Whether the scheduler found no node for the pod and a new node could help. Gated pods are not demand: the scheduler has not looked at them yet
 * (their reason is `SchedulingGated`). Of the pods with a nominated node, those are not that still await it, see `awaitsNominatedNode`.
 */
export const isDemand = (pod: KubePod): boolean => {
  const scheduled = conditionOf(pod, "PodScheduled");
  return (
    pod.status?.phase === "Pending" &&
    scheduled?.status === "False" &&
    scheduled.reason === "Unschedulable" &&
    !pod.spec.nodeName &&
    pod.metadata.deletionTimestamp === undefined &&
    !isDaemonSetPod(pod)
  );
};

/**
 * The scheduler looks at a pod again after this time at the latest (kubernetes/pkg/scheduler/backend/queue, podMaxInUnschedulablePodsDuration), and
 * pods that are preempted have long ended by then. A name that another component set stays for ever.
 */
const NOMINATED_MS = 5 * 60_000;

/**
 * Whether other pods are being preempted for the pod, on the node that its status names: the scheduler will bind it there, and the preempted pods
 * will be demand. The name outlives the node by minutes, or for ever (kubernetes/autoscaler#2576). `openNodes`: the names of all nodes that exist
 * and are not cordoned.
 */
export const awaitsNominatedNode = (pod: KubePod, openNodes: ReadonlySet<string>, now: number): boolean => {
  const name = pod.status?.nominatedNodeName;
  return Boolean(name) && openNodes.has(name ?? "") && now - pendingSince(pod) < NOMINATED_MS;
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
