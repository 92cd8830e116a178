/** Claims with the access mode `ReadWriteOncePod`, which one pod at a time can use. */
import type { KubePod } from "../model/kubernetes/objects.ts";
import { claimNames, podName } from "../model/kubernetes/pods.ts";
import type { PersistentVolumeClaim } from "../model/kubernetes/storage.ts";
import { pendingSince } from "./pending-pod.ts";

const claimKey = (namespace: string | undefined, name: string): string => `${namespace}/${name}`;

const claimKeysOf = (pod: KubePod): readonly string[] =>
  [...claimNames(pod)].map((name) => claimKey(pod.metadata.namespace, name));

/** `namespace/name` of those of the claims that one pod at a time can use. */
export const exclusiveClaims = (claims: readonly PersistentVolumeClaim[]): ReadonlySet<string> =>
  new Set(
    claims
      .filter(({ spec }) => spec.accessModes?.includes("ReadWriteOncePod"))
      .map(({ metadata }) => claimKey(metadata.namespace, metadata.name)),
  );

export const usesAnyOf = (pod: KubePod, claims: ReadonlySet<string>): boolean =>
  claimKeysOf(pod).some((key) => claims.has(key));

/**
 * Returns a function that gives the reason why no node can help a pod: a pod that has a node, or one that has waited for longer, uses its claim.
 * Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/volumerestrictions.
 */
export const createClaimConflicts = (
  claims: readonly PersistentVolumeClaim[],
  boundPods: readonly KubePod[],
  pendingPods: readonly KubePod[],
): ((pod: KubePod) => string | undefined) => {
  const exclusive = exclusiveClaims(claims);
  if (exclusive.size === 0) return () => undefined;
  const waiting = pendingPods
    .filter((pod) => usesAnyOf(pod, exclusive))
    .sort((one, other) => pendingSince(one) - pendingSince(other) || (podName(one) < podName(other) ? -1 : 1));
  const users = new Map<string, string>();
  for (const pod of [...boundPods, ...waiting]) {
    for (const key of claimKeysOf(pod)) if (exclusive.has(key) && !users.has(key)) users.set(key, podName(pod));
  }
  return (pod) => {
    const conflict = claimKeysOf(pod).find((key) => users.has(key) && users.get(key) !== podName(pod));
    return conflict && `claim ${conflict} can be used by one pod only, and ${users.get(conflict)} uses it`;
  };
};
