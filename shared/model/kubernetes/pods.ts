/** Which pods keep a node from being stopped. */
import type { KubePod } from "./objects.ts";

const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

export const isFinished = (pod: KubePod): boolean =>
  pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

export const isDaemonSetPod = (pod: KubePod): boolean =>
  pod.metadata.ownerReferences?.some((owner) => owner.controller && owner.kind === "DaemonSet") ?? false;

/** It has been asked to go, and is within its grace period or past it. */
export const isLeaving = (pod: KubePod): boolean => pod.metadata.deletionTimestamp !== undefined;

/**
 * Pods that must leave before the node stops: all but finished ones, those of DaemonSets, and kubelet's static pods. One that finished
 * because it was asked to go still has volumes to be unmounted; only kubelet can let it go, and its controller may wait for that.
 */
export const leavingPods = (pods: readonly KubePod[]): readonly KubePod[] =>
  pods.filter(
    (pod) =>
      (!isFinished(pod) || isLeaving(pod)) && !isDaemonSetPod(pod) && !pod.metadata.annotations?.[MIRROR_ANNOTATION],
  );

/** Nobody makes such a pod again once it is gone. */
export const isUnmanaged = (pod: KubePod): boolean =>
  !pod.metadata.ownerReferences?.some(({ controller }) => controller);

export const podName = (pod: KubePod): string => `${pod.metadata.namespace}/${pod.metadata.name}`;
