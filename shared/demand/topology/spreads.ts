/** Topology spread constraints with the pods and nodes that they count. */
import type { SpreadConstraint } from "../../model/kubernetes/scheduling.ts";
import { untolerated } from "../../model/kubernetes/tolerations.ts";
import { affinityIncompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { HOSTNAME } from "../nodes/labels.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { NodeDomains, TopologyDomains } from "./domains.ts";
import { type PodMatcher, spreadMatcher } from "./pod-matcher.ts";
import { createSpreadCounter, type SpreadCounter } from "./spread-counter.ts";
import type { UnschedulableReason } from "./unschedulable-reason.ts";

export interface TopologyNode {
  readonly attributes: NodeAttributes;
  readonly domains: NodeDomains;
  /** Whether its Node object exists. */
  readonly exists: boolean;
}

export interface Spread {
  /** On a node that the skew rules out, and on one that lacks the topology key's label. */
  readonly reason: UnschedulableReason;
  readonly missing: UnschedulableReason;
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

/** The domains in which a node could be started or launched for the pods; by host name, none. */
type ReachableDomains = (group: PodGroup, keyIndex: number) => ReadonlySet<number>;

const NO_DOMAINS: ReadonlySet<number> = new Set();

const createSpread = (
  group: PodGroup,
  constraint: SpreadConstraint,
  domains: TopologyDomains,
  reachable: ReadonlySet<number>,
): Spread => {
  const matches = spreadMatcher(constraint, group);
  const { maxSkew, minDomains = 1, topologyKey } = constraint;
  const keyIndex = domains.indexOf(topologyKey);
  const reason = `topology spread by ${topologyKey} with maxSkew ${maxSkew}`;
  return {
    reason: { reason, permanent: false },
    missing: { reason, permanent: true },
    matches,
    counter: createSpreadCounter({ keyIndex, maxSkew, minDomains, countsItself: matches(group) }),
    counts: countsNode(group, constraint, domains),
    // A stopped node counts as the scheduler counts it: if its Node object exists, unless `nodeTaintsPolicy` is `Honor` (its taints exclude it then).
    // A zone where a node could be started or launched for the pods counts from the start. So they spread over all zones that the pools reach, not
    // only over those that happen to have a node; a zone that they cannot reach does not hold them back.
    countsWhileStartable: (node) =>
      (node.exists && constraint.nodeTaintsPolicy !== "Honor") || reachable.has(node.domains[keyIndex] ?? -1),
  };
};

/** One spread per distinct constraint, shared by all pods that have it. */
export const createSpreads = (domains: TopologyDomains, reachableDomains: ReachableDomains) => {
  const spreads = new Map<string, Spread>();
  const reachableBy = (group: PodGroup, { topologyKey }: SpreadConstraint): ReadonlySet<number> =>
    topologyKey === HOSTNAME ? NO_DOMAINS : reachableDomains(group, domains.indexOf(topologyKey));
  const keyOf = (group: PodGroup, constraint: SpreadConstraint, reachable: ReadonlySet<number>): string =>
    JSON.stringify([
      constraint,
      [...reachable].toSorted(),
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
        const reachable = reachableBy(group, constraint);
        const key = keyOf(group, constraint, reachable);
        const spread = spreads.get(key) ?? createSpread(group, constraint, domains, reachable);
        spreads.set(key, spread);
        return spread;
      }),
  };
};
