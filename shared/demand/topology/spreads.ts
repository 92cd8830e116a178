/** Topology spread constraints with the pods and nodes that they count. */
import type { SpreadConstraint } from "../../model/kubernetes/scheduling.ts";
import { untolerated } from "../../model/kubernetes/tolerations.ts";
import { affinityIncompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { HOSTNAME } from "../nodes/labels.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { NodeDomains, TopologyDomains } from "./domains.ts";
import { type PodMatcher, spreadMatcher } from "./pod-matcher.ts";
import { createSpreadCounter, type SpreadCounter } from "./spread-counter.ts";

export interface TopologyNode {
  readonly attributes: NodeAttributes;
  readonly domains: NodeDomains;
  /** Whether its Node object exists. */
  readonly exists: boolean;
}

export interface Spread {
  readonly constraint: SpreadConstraint;
  readonly matches: PodMatcher;
  readonly counter: SpreadCounter;
  /** Whether the constraint counts the node and the pods on it. */
  counts(node: TopologyNode): boolean;
  /** Whether the domain of a startable node is eligible before the node is selected. */
  countsWhileStartable(node: TopologyNode): boolean;
}

/**
 * Nodes that lack one of the pod's topology keys do not count. Neither do those that the pod's node affinity or tolerations exclude, as far as
 * the constraint's policies say so.
 */
const countsNode = (group: PodGroup, constraint: SpreadConstraint, domains: TopologyDomains) => {
  const keys = group.spread.map(({ topologyKey }) => domains.indexOf(topologyKey));
  const cache = new Map<NodeAttributes, boolean>();
  const isCounted = ({ attributes, domains: ofNode }: TopologyNode): boolean =>
    keys.every((key) => (ofNode[key] ?? -1) >= 0) &&
    (constraint.nodeAffinityPolicy === "Ignore" || affinityIncompatibility(group.spec, attributes) === undefined) &&
    (constraint.nodeTaintsPolicy !== "Honor" || untolerated(attributes.taints, group.spec.tolerations) === undefined);
  return (node: TopologyNode): boolean => {
    const counted = cache.get(node.attributes) ?? isCounted(node);
    cache.set(node.attributes, counted);
    return counted;
  };
};

/**
 * A zone where a node could be started or launched counts from the start. So pods spread over all zones that the pools reach, not only over
 * those that happen to have a node. By host name, a stopped node counts as the scheduler counts it: if its Node object exists, unless
 * `nodeTaintsPolicy` is `Honor` (its taints exclude it then).
 */
const countsWhileStartable = ({ topologyKey, nodeTaintsPolicy }: SpreadConstraint, { exists }: TopologyNode): boolean =>
  topologyKey !== HOSTNAME || (exists && nodeTaintsPolicy !== "Honor");

const createSpread = (group: PodGroup, constraint: SpreadConstraint, domains: TopologyDomains): Spread => {
  const matches = spreadMatcher(constraint, group);
  const { maxSkew, minDomains = 1, topologyKey } = constraint;
  const keyIndex = domains.indexOf(topologyKey);
  return {
    constraint,
    matches,
    counter: createSpreadCounter({ keyIndex, maxSkew, minDomains, countsItself: matches(group) }),
    counts: countsNode(group, constraint, domains),
    countsWhileStartable: (node) => countsWhileStartable(constraint, node),
  };
};

/** One spread per distinct constraint, shared by all pods that have it. */
export const createSpreads = (domains: TopologyDomains) => {
  const spreads = new Map<string, Spread>();
  const keyOf = (group: PodGroup, constraint: SpreadConstraint): string =>
    JSON.stringify([
      constraint,
      spreadMatcher(constraint, group)(group),
      group.namespace,
      constraint.matchLabelKeys?.map((key) => group.labels[key]),
      group.spread.map(({ topologyKey }) => topologyKey),
      group.spec.nodeSelector,
      group.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
      constraint.nodeTaintsPolicy === "Honor" ? group.spec.tolerations : 0,
    ]);
  return {
    all: () => [...spreads.values()],
    of: (group: PodGroup): readonly Spread[] =>
      group.spread.map((constraint) => {
        const key = keyOf(group, constraint);
        const spread = spreads.get(key) ?? createSpread(group, constraint, domains);
        spreads.set(key, spread);
        return spread;
      }),
  };
};
