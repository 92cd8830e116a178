/** Where pods may run given where other pods run: pod affinity, pod anti-affinity and topology spread. */

import type { KubePod, Labels } from "../../model/kubernetes/objects.ts";
import { type PodGroup, type PodTerms, termsOf } from "../pod-groups.ts";
import { type AffinityGroup, createAffinityGroup } from "./affinity.ts";
import { type AntiAffinityGroup, createAntiAffinityGroups } from "./anti-affinity.ts";
import type { TopologyDomains } from "./domains.ts";
import type { PodIdentity } from "./pod-matcher.ts";
import { createSpreads, type Spread, type TopologyNode } from "./spreads.ts";
import type { UnschedulableReason } from "./unschedulable-reason.ts";

export interface Topology {
  /** Whether any affinity, anti-affinity or spread rule applies to the group. */
  constrains(group: PodGroup): boolean;
  unschedulableReason(group: PodGroup, node: TopologyNode): UnschedulableReason | undefined;
  /** What the group's affinity and spreads count, and what its own pods count for. More pods there may help the group. */
  helpOf(group: PodGroup): { readonly needed: readonly unknown[]; readonly given: readonly unknown[] };
  /** Counts `count` pods of the group on the node; a negative count removes them. */
  add(group: PodGroup, node: TopologyNode, count: number): void;
  /** Counts a newly selected node; -1 removes it. */
  addNode(node: TopologyNode, count: 1 | -1): void;
  /** Counts the nodes as present from the start, whatever is rolled back later. False if all of them already were. */
  assumePresent(nodes: readonly TopologyNode[]): boolean;
}

export interface BoundPod {
  readonly pod: KubePod;
  readonly node: TopologyNode;
}

export interface ClusterSnapshot {
  readonly groups: readonly PodGroup[];
  readonly boundPods: readonly BoundPod[];
  /** Existing nodes and nodes in flight, without the startable ones. */
  readonly nodes: readonly TopologyNode[];
  /** Nodes that could be started, and one node for each offering that could be launched. */
  readonly startable: readonly TopologyNode[];
  /** The domains by a topology key, except the host name, in which startable nodes could run a pod of the group, other pods aside. */
  reachableDomains(group: PodGroup, keyIndex: number): ReadonlySet<number>;
  readonly domains: TopologyDomains;
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** The counters that a group's rules read, and those that change when one of its pods is placed. */
interface RelevantCounters {
  readonly ownAntiAffinity: readonly AntiAffinityGroup[];
  readonly matchingAntiAffinity: readonly AntiAffinityGroup[];
  readonly ownAffinity: AffinityGroup | undefined;
  readonly ownSpreads: readonly Spread[];
  /** Affinity groups of any pod group that match this one's pods, its own included if it matches itself. */
  readonly matchingAffinity: readonly AffinityGroup[];
  readonly matchingSpreads: readonly Spread[];
}

export const NO_TOPOLOGY: Topology = {
  constrains: () => false,
  unschedulableReason: () => undefined,
  helpOf: () => ({ needed: [], given: [] }),
  add: () => {},
  addNode: () => {},
  assumePresent: () => false,
};

const firstReason = (
  { ownAntiAffinity, matchingAntiAffinity, ownAffinity, ownSpreads }: RelevantCounters,
  { domains }: TopologyNode,
): UnschedulableReason | undefined => {
  for (const { matched, ownReason } of ownAntiAffinity) if (matched.countAt(domains)) return ownReason;
  for (const { owners, othersReason } of matchingAntiAffinity) if (owners.countAt(domains)) return othersReason;
  const ofAffinity = ownAffinity?.unschedulableReason(domains);
  if (ofAffinity) return ofAffinity;
  for (const { counter, reason, missing } of ownSpreads) {
    const allows = counter.allows(domains);
    if (!allows) return allows === undefined ? missing : reason;
  }
  return undefined;
};

/** The counters that one more pod changes. */
type ChangedCounters = Pick<
  RelevantCounters,
  "ownAntiAffinity" | "matchingAntiAffinity" | "matchingAffinity" | "matchingSpreads"
>;

const addToCounters = (counters: ChangedCounters, node: TopologyNode, count: number): void => {
  for (const { owners } of counters.ownAntiAffinity) owners.add(node.domains, count);
  for (const { matched } of counters.matchingAntiAffinity) matched.add(node.domains, count);
  for (const affinityGroup of counters.matchingAffinity) affinityGroup.add(node.domains, count);
  for (const { counter, counts } of counters.matchingSpreads) if (counts(node)) counter.add(node.domains, count);
};

const identityOf = ({ metadata }: KubePod): PodIdentity => ({
  namespace: metadata.namespace ?? "",
  labels: metadata.labels ?? {},
});

/** Finds the counters that concern each pod group and each bound pod. */
const linkCounters = ({ groups, boundPods, domains, namespaces, reachableDomains }: ClusterSnapshot) => {
  const antiAffinityGroups = createAntiAffinityGroups(domains, namespaces);
  const spreads = createSpreads(domains, reachableDomains);
  const ownedBy = (terms: PodTerms, owner: PodIdentity) =>
    terms.antiAffinity.map((term) => antiAffinityGroups.of(term, owner));
  const ownAntiAffinity = groups.map((group) => ownedBy(group, group));
  const ownedByBoundPods = boundPods.map(({ pod }) =>
    pod.spec.affinity ? ownedBy(termsOf(pod.spec), identityOf(pod)) : [],
  );
  const affinityGroups = groups.map((group) =>
    group.affinity.length > 0 ? createAffinityGroup(group, domains, namespaces) : undefined,
  );
  const ownSpreads = groups.map((group) => spreads.of(group));
  const cache = new Map<string, Omit<ChangedCounters, "ownAntiAffinity">>();
  /** The counters that count such a pod: the same for all pods with its namespace and labels. */
  const countersMatching = (pod: PodIdentity) => {
    const key = JSON.stringify(pod);
    const counters = cache.get(key) ?? {
      matchingAntiAffinity: antiAffinityGroups.matching(pod),
      matchingAffinity: affinityGroups
        .filter((affinityGroup) => affinityGroup !== undefined)
        .filter((affinityGroup) => affinityGroup.matches(pod)),
      matchingSpreads: spreads.all().filter((spread) => spread.matches(pod)),
    };
    cache.set(key, counters);
    return counters;
  };
  const counters = groups.map(
    (group, index): RelevantCounters => ({
      ...countersMatching({ namespace: group.namespace, labels: group.labels }),
      ownAntiAffinity: ownAntiAffinity[index] ?? [],
      ownAffinity: affinityGroups[index],
      ownSpreads: ownSpreads[index] ?? [],
    }),
  );
  return { counters, countersMatching, ownedByBoundPods, spreads: spreads.all() };
};

export const createTopology = (snapshot: ClusterSnapshot): Topology => {
  const { boundPods, nodes, startable } = snapshot;
  const { counters, countersMatching, ownedByBoundPods, spreads } = linkCounters(snapshot);
  const assumed = new Set<TopologyNode>();
  for (const { counter, counts, countsWhileStartable } of spreads) {
    for (const node of nodes) if (counts(node)) counter.addNode(node.domains, 1);
    for (const node of startable) if (countsWhileStartable(node) && counts(node)) counter.addNode(node.domains, 1);
  }
  for (const [index, { pod, node }] of boundPods.entries()) {
    const matching = countersMatching(identityOf(pod));
    // Topology spread ignores terminating pods; affinity and anti-affinity do not.
    const matchingSpreads = pod.metadata.deletionTimestamp ? [] : matching.matchingSpreads;
    addToCounters({ ...matching, matchingSpreads, ownAntiAffinity: ownedByBoundPods[index] ?? [] }, node, 1);
  }
  /** The spreads that count the node's domain only once the node is selected. */
  const spreadsChangedBy = (node: TopologyNode) =>
    spreads.filter(({ counts, countsWhileStartable }) => !countsWhileStartable(node) && counts(node));
  const isConstrained = counters.map(({ ownAntiAffinity, matchingAntiAffinity, ownAffinity, ownSpreads }) =>
    Boolean(ownAntiAffinity.length + matchingAntiAffinity.length + ownSpreads.length > 0 || ownAffinity),
  );
  return {
    constrains: ({ index }) => isConstrained[index] ?? false,
    unschedulableReason: ({ index }, node) => {
      const own = counters[index];
      return own && firstReason(own, node);
    },
    helpOf: ({ index }) => {
      const { ownAffinity, ownSpreads = [], matchingAffinity = [], matchingSpreads = [] } = counters[index] ?? {};
      return {
        needed: ownAffinity ? [ownAffinity, ...ownSpreads] : ownSpreads,
        given: [...matchingAffinity, ...matchingSpreads],
      };
    },
    add: ({ index }, node, count) => {
      const own = counters[index];
      if (own) addToCounters(own, node, count);
    },
    addNode: (node, count) => {
      if (assumed.has(node)) return;
      for (const { counter } of spreadsChangedBy(node)) counter.addNode(node.domains, count);
    },
    assumePresent: (all) => {
      const newNodes = all.filter((node) => !assumed.has(node) && spreadsChangedBy(node).length > 0);
      for (const node of newNodes) {
        assumed.add(node);
        for (const { counter } of spreadsChangedBy(node)) counter.addNode(node.domains, 1);
      }
      return newNodes.length > 0;
    },
  };
};
