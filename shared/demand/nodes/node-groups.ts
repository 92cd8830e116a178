/** Nodes that no pod can tell apart by labels, taints or name, so that each class of pods is matched with them once. */

import type { PodSpec } from "../../model/kubernetes/objects.ts";
import { incompatibility, type NodeAttributes, requiredTerms } from "../../scheduling/node-compatibility.ts";
import { keysOfTerms, meetsAnyTerm, namesNodes, readableTerms } from "../../scheduling/node-terms.ts";
import { readableTaint } from "../../scheduling/tolerations.ts";
import type { PodGroup } from "../pod-groups.ts";
import { type DaemonSetPod, daemonSetPodsFor } from "./daemonset-pods.ts";
import { HOSTNAME, ZONE } from "./labels.ts";

export interface NodeEquivalenceGroup {
  readonly attributes: NodeAttributes;
  readonly daemonSetPods: readonly DaemonSetPod[];
  /** What stands against pods of the class on such nodes, whatever room there is; undefined if nothing does. */
  unschedulableReason(pods: PodGroup): string | undefined;
}

const incompatibilityOf = (pods: PodGroup, attributes: NodeAttributes): string | undefined => {
  if (pods.volumes.problem) return pods.volumes.problem;
  if (pods.spec.resourceClaims?.length) return "resource claims (dynamic resource allocation), which are not looked at";
  const against = incompatibility(pods.spec, attributes);
  if (against) return against;
  const elsewhere = pods.volumes.nodeTerms.find((terms) => !meetsAnyTerm(terms, attributes));
  return elsewhere && `volume in ${readableTerms(elsewhere)}`;
};

const createGroup = (attributes: NodeAttributes, daemonSetPods: readonly DaemonSetPod[]): NodeEquivalenceGroup => {
  const known: { readonly reason: string | undefined }[] = [];
  return {
    attributes,
    daemonSetPods: daemonSetPodsFor(daemonSetPods, attributes),
    unschedulableReason: (pods) => {
      known[pods.index] ??= { reason: incompatibilityOf(pods, attributes) };
      return known[pods.index]?.reason;
    },
  };
};

const specKeys = (spec: PodSpec): readonly string[] => [
  ...Object.keys(spec.nodeSelector ?? {}),
  ...keysOfTerms(requiredTerms(spec) ?? []),
];

/** The labels that pods or DaemonSets ask for. */
const askedKeys = (groups: readonly PodGroup[], daemonSetPods: readonly DaemonSetPod[]): readonly string[] => [
  ...daemonSetPods.flatMap(({ set }) => specKeys(set.spec.template.spec)),
  ...groups.flatMap(({ spec, volumes }) => [...specKeys(spec), ...volumes.nodeTerms.flatMap(keysOfTerms)]),
];

const asksForNames = ({ spec, volumes }: PodGroup): boolean =>
  namesNodes(requiredTerms(spec) ?? []) || volumes.nodeTerms.some(namesNodes);

/**
 * Finds the shape of a node. The zone always matters, so that zones are used evenly. Of the labels that say where pods are, the host
 * name tells no shapes apart: each node is a place of its own by it.
 */
export const createNodeGroups = (
  podGroups: readonly PodGroup[],
  daemonSetPods: readonly DaemonSetPod[],
  topologyKeys: readonly string[],
): ((attributes: NodeAttributes) => NodeEquivalenceGroup) => {
  const domains = topologyKeys.filter((key) => key !== HOSTNAME);
  const keys = [...new Set([ZONE, ...askedKeys(podGroups, daemonSetPods), ...domains])];
  const byName = podGroups.some(asksForNames);
  const groups = new Map<string, NodeEquivalenceGroup>();
  return (attributes) => {
    const signature = JSON.stringify([
      keys.map((key) => attributes.labels[key] ?? (attributes.unknown?.has(key) ? 0 : null)),
      attributes.taints.map(readableTaint),
      byName ? attributes.name : 0,
    ]);
    const group = groups.get(signature) ?? createGroup(attributes, daemonSetPods);
    groups.set(signature, group);
    return group;
  };
};
