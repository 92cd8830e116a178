/** Topology spread constraints, each with the pods and the nodes that it counts. */
import type { SpreadConstraint } from "../../model/kubernetes/scheduling.ts";
import { affinityIncompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { untolerated } from "../../scheduling/tolerations.ts";
import { HOSTNAME } from "../nodes/labels.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { NodeDomains, TopologyDomains } from "./domains.ts";
import { type PodMatcher, spreadMatcher } from "./pod-matcher.ts";
import { createSpreadCounter, type SpreadCounter } from "./spread-counter.ts";

export interface PlacedNode {
  readonly attributes: NodeAttributes;
  readonly domains: NodeDomains;
  /** Whether there is a node object already. */
  readonly exists: boolean;
}

export interface Spread {
  readonly constraint: SpreadConstraint;
  readonly matches: PodMatcher;
  readonly counter: SpreadCounter;
  /** Whether the node and the pods on it count at all. */
  counts(node: PlacedNode): boolean;
  /** Whether the place of a node that can be had counts before the node is taken. */
  countsAhead(node: PlacedNode): boolean;
}

/** Nodes that the pod could not go to anyway do not count, as far as the policies say, nor do those without one of its keys. */
const countsNode = (pods: PodGroup, constraint: SpreadConstraint, domains: TopologyDomains) => {
  const keys = pods.spread.map(({ topologyKey }) => domains.indexOf(topologyKey));
  const known = new Map<NodeAttributes, boolean>();
  const judge = ({ attributes, domains: at }: PlacedNode): boolean =>
    keys.every((key) => (at[key] ?? -1) >= 0) &&
    (constraint.nodeAffinityPolicy === "Ignore" || affinityIncompatibility(pods.spec, attributes) === undefined) &&
    (constraint.nodeTaintsPolicy !== "Honor" || untolerated(attributes.taints, pods.spec.tolerations) === undefined);
  return (node: PlacedNode): boolean => {
    const verdict = known.get(node.attributes) ?? judge(node);
    known.set(node.attributes, verdict);
    return verdict;
  };
};

/**
 * A zone in which a node could be had counts from the start, so that pods are spread over the zones that the pools reach and not only
 * over those that happen to have a node. By host name, a stopped node counts as the scheduler sees it: its node object is there, and
 * its taints are passed over unless the policy is `Honor`.
 */
const countsAhead = ({ topologyKey, nodeTaintsPolicy }: SpreadConstraint, { exists }: PlacedNode): boolean =>
  topologyKey !== HOSTNAME || (exists && nodeTaintsPolicy !== "Honor");

const createSpread = (pods: PodGroup, constraint: SpreadConstraint, domains: TopologyDomains): Spread => {
  const matches = spreadMatcher(constraint, pods);
  const { maxSkew, minDomains = 1, topologyKey } = constraint;
  const keyIndex = domains.indexOf(topologyKey);
  return {
    constraint,
    matches,
    counter: createSpreadCounter({ keyIndex, maxSkew, minDomains, countsItself: matches(pods) }),
    counts: countsNode(pods, constraint, domains),
    countsAhead: (node) => countsAhead(constraint, node),
  };
};

/** One for each distinct constraint, whoever has it. */
export const createSpreads = (domains: TopologyDomains) => {
  const spreads = new Map<string, Spread>();
  const keyOf = (pods: PodGroup, constraint: SpreadConstraint): string =>
    JSON.stringify([
      constraint,
      spreadMatcher(constraint, pods)(pods),
      pods.namespace,
      constraint.matchLabelKeys?.map((key) => pods.labels[key]),
      pods.spread.map(({ topologyKey }) => topologyKey),
      pods.spec.nodeSelector,
      pods.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
      constraint.nodeTaintsPolicy === "Honor" ? pods.spec.tolerations : 0,
    ]);
  return {
    all: () => [...spreads.values()],
    of: (pods: PodGroup): readonly Spread[] =>
      pods.spread.map((constraint) => {
        const key = keyOf(pods, constraint);
        const spread = spreads.get(key) ?? createSpread(pods, constraint, domains);
        spreads.set(key, spread);
        return spread;
      }),
  };
};
