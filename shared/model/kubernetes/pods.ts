/** Which pods keep a node from being stopped. */
import { type BoundPod, MIRROR_ANNOTATION, PROTECTING_ANNOTATIONS, type Volume } from "./objects.ts";

export const isFinished = (pod: BoundPod): boolean =>
  pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

export const isDaemonSetPod = (pod: BoundPod): boolean =>
  pod.metadata.ownerReferences?.some((owner) => owner.controller && owner.kind === "DaemonSet") ?? false;

/** The mirror pod of a pod that kubelet runs from a file. */
export const isStaticPod = (pod: BoundPod): boolean => pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined;

/** The pod is terminating: its deletion was requested, whether or not its grace period has ended. */
export const isLeaving = (pod: BoundPod): boolean => pod.metadata.deletionTimestamp !== undefined;

/**
 * Pods that must leave before the node stops: all except finished pods, DaemonSet pods and static pods. A terminating pod counts even if it has
 * finished: its volumes still have to be unmounted, only kubelet can remove it, and its controller may wait for that. Kubelet is done with it once
 * its grace period is 0: whatever finalizer keeps it then has nothing to do with the node.
 */
export const leavingPods = (pods: readonly BoundPod[]): readonly BoundPod[] =>
  pods.filter(
    (pod) =>
      (!isFinished(pod) || (isLeaving(pod) && pod.metadata.deletionGracePeriodSeconds !== 0)) &&
      !isDaemonSetPod(pod) &&
      !isStaticPod(pod),
  );

/** The pod asks not to be disturbed. */
export const isProtected = ({ metadata }: BoundPod): boolean => {
  const annotations: Readonly<Record<string, string | undefined>> = metadata.annotations ?? {};
  return Object.entries(PROTECTING_ANNOTATIONS).some(([key, value]) => annotations[key] === value);
};

export const createdAt = ({ metadata }: BoundPod): number => Date.parse(metadata.creationTimestamp ?? "") || 0;

/** A pod without a controller: nothing recreates it. */
export const isUnmanaged = (pod: BoundPod): boolean =>
  !pod.metadata.ownerReferences?.some(({ controller }) => controller);

export const podName = (pod: BoundPod): string => `${pod.metadata.namespace}/${pod.metadata.name}`;

/** The claims of the pod's volumes. A claim counts once, however many of the pod's volumes refer to it. */
export const claimNames = ({ metadata, spec }: BoundPod): ReadonlySet<string> =>
  new Set(
    (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }: Volume) => {
      if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
      return ephemeral ? [`${metadata.name}-${name}`] : [];
    }),
  );
