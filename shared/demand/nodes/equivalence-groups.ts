/** Groups of nodes that are the same to all pods by labels, taints and name, so that each pod group is matched once per node group. */

import type { PodSpec } from "../../model/kubernetes/objects.ts";
import { readableTaint } from "../../model/kubernetes/tolerations.ts";
import { incompatibility, type NodeAttributes, requiredTerms } from "../../scheduling/node-compatibility.ts";
import { keysOfTerms, meetsAnyTerm, namesNodes, readableTerms } from "../../scheduling/node-terms.ts";
import type { PodGroup } from "../pod-groups.ts";
import { lacksStorage, storageKeys } from "../storage-capacity.ts";
import { NO_VOLUMES } from "../volumes.ts";
import { type DaemonSetPod, daemonSetPodsFor } from "./daemonset-pods.ts";
import { HOSTNAME, ZONE } from "./labels.ts";

export interface NodeEquivalenceGroup {
  readonly attributes: NodeAttributes;
  readonly daemonSetPods: readonly DaemonSetPod[];
  /** Why pods of the group cannot run on such nodes, however much room they have; undefined if they can. */
  unschedulableReason(group: PodGroup): string | undefined;
}

const incompatibilityOf = (group: PodGroup, attributes: NodeAttributes): string | undefined => {
  if (group.unschedulableReason) return group.unschedulableReason;
  const reason = incompatibility(group.spec, attributes);
  if (reason || group.volumes === NO_VOLUMES) return reason;
  const unmetTerms = group.volumes.nodeTerms.find((terms) => !meetsAnyTerm(terms, attributes));
  if (unmetTerms) return `volume requires ${readableTerms(unmetTerms)}`;
  const need = group.volumes.storage?.find((one) => lacksStorage(one, attributes.labels));
  return need && `claim ${need.claim}: its driver has not enough free storage there`;
};

const createEquivalenceGroup = (
  attributes: NodeAttributes,
  daemonSetPods: readonly DaemonSetPod[],
): NodeEquivalenceGroup => {
  /** By index of the pod group; null if they can run. */
  const reasons: (string | null)[] = [];
  return {
    attributes,
    daemonSetPods: daemonSetPodsFor(daemonSetPods, attributes),
    unschedulableReason: (group) => {
      const known = reasons[group.index];
      if (known !== undefined) return known ?? undefined;
      const reason = incompatibilityOf(group, attributes);
      reasons[group.index] = reason ?? null;
      return reason;
    },
  };
};

const specKeys = (spec: PodSpec): readonly string[] => [
  ...Object.keys(spec.nodeSelector ?? {}),
  ...keysOfTerms(requiredTerms(spec) ?? []),
];

/** The label keys that pods, volumes or DaemonSets refer to. */
const requestedLabelKeys = (
  groups: readonly PodGroup[],
  daemonSetPods: readonly DaemonSetPod[],
): ReadonlySet<string> => {
  const keys = new Set(daemonSetPods.flatMap(({ daemonSet }) => specKeys(daemonSet.spec.template.spec)));
  for (const { spec, volumes } of groups) {
    if (spec.nodeSelector || spec.affinity) for (const key of specKeys(spec)) keys.add(key);
    if (volumes === NO_VOLUMES) continue;
    for (const key of volumes.nodeTerms.flatMap(keysOfTerms)) keys.add(key);
    for (const key of (volumes.storage ?? []).flatMap(storageKeys)) keys.add(key);
  }
  return keys;
};

const selectsNodesByName = ({ spec, volumes }: PodGroup): boolean =>
  namesNodes(requiredTerms(spec) ?? []) || volumes.nodeTerms.some(namesNodes);

/** In place of a label's value, none of which has control characters in it. */
const [UNKNOWN, ABSENT] = ["\0unknown", "\0absent"];

/**
 * Returns a function that finds the equivalence group of a node. The zone always distinguishes nodes, so that zones are used evenly. Of the
 * topology keys, the host name does not: each node is a domain of its own by it.
 */
export const createEquivalenceGroups = (
  podGroups: readonly PodGroup[],
  daemonSetPods: readonly DaemonSetPod[],
  topologyKeys: readonly string[],
): ((attributes: NodeAttributes) => NodeEquivalenceGroup) => {
  const sharedKeys = topologyKeys.filter((key) => key !== HOSTNAME);
  const keys = [...new Set([ZONE, ...requestedLabelKeys(podGroups, daemonSetPods), ...sharedKeys])];
  const byName = podGroups.some(selectsNodesByName);
  const groups = new Map<string, NodeEquivalenceGroup>();
  return (attributes) => {
    const { labels, unknown, taints, name } = attributes;
    let signature = byName ? `${name}` : "";
    for (const key of keys) signature += `\n${labels[key] ?? (unknown?.has(key) ? UNKNOWN : ABSENT)}`;
    for (const taint of taints) signature += `\n${readableTaint(taint)}`;
    const equivalenceGroup = groups.get(signature) ?? createEquivalenceGroup(attributes, daemonSetPods);
    groups.set(signature, equivalenceGroup);
    return equivalenceGroup;
  };
};
