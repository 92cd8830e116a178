/** Where pods may go because of where other pods are: affinity, anti-affinity and topology spread. */

import type { KubePod, Labels } from "../../model/kubernetes/objects.ts";
import { type PodGroup, type PodTerms, termsOf } from "../pod-groups.ts";
import { type AffinityGroup, createAffinityGroup } from "./affinity.ts";
import { type AntiAffinityGroup, createAntiAffinityGroups } from "./anti-affinity.ts";
import type { TopologyDomains } from "./domains.ts";
import type { PodIdentity } from "./pod-matcher.ts";
import { createSpreads, type PlacedNode, type Spread } from "./spreads.ts";

export interface UnschedulableReason {
  readonly reason: string;
  /** Whether it stands however many more pods are placed. */
  readonly lasting: boolean;
}

export interface Topology {
  /** Whether it can refuse pods of the class at all. */
  concerns(pods: PodGroup): boolean;
  unschedulableReason(pods: PodGroup, node: PlacedNode): UnschedulableReason | undefined;
  /** Counts pods of the class as being on the node; a negative count takes them away. */
  add(pods: PodGroup, node: PlacedNode, count: number): void;
  /** A node is taken that pods could not go to before; -1 gives it back. */
  addNode(node: PlacedNode, count: 1 | -1): void;
  /** The nodes will be there from the start, whatever is undone; false if all were known to be. */
  assume(nodes: readonly PlacedNode[]): boolean;
}

export interface BoundPod {
  readonly pod: KubePod;
  readonly node: PlacedNode;
}

export interface ClusterSnapshot {
  readonly groups: readonly PodGroup[];
  readonly bound: readonly BoundPod[];
  /** All nodes that pods run on, or could without anything being done. */
  readonly nodes: readonly PlacedNode[];
  /** Nodes that can be had; of those that are alike, one. */
  readonly startable: readonly PlacedNode[];
  readonly domains: TopologyDomains;
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** All counts that placing a pod changes, and those that have a say in where it goes. */
interface PodTies {
  readonly ownTerms: readonly AntiAffinityGroup[];
  readonly matchingTerms: readonly AntiAffinityGroup[];
  readonly affinityGroup: AffinityGroup | undefined;
  readonly spreads: readonly Spread[];
  /** Of other classes, and of its own where it counts itself. */
  readonly affinityGroups: readonly AffinityGroup[];
  readonly spreadOf: readonly Spread[];
}

export const NO_TOPOLOGY: Topology = {
  concerns: () => false,
  unschedulableReason: () => undefined,
  add: () => {},
  addNode: () => {},
  assume: () => false,
};

const firstReason = (
  { ownTerms, matchingTerms, affinityGroup, spreads }: PodTies,
  { domains }: PlacedNode,
): UnschedulableReason | undefined => {
  for (const { others, term } of ownTerms) {
    if (others.at(domains)) return { reason: `anti-affinity by ${term.topologyKey} to pods there`, lasting: true };
  }
  for (const { owners, term } of matchingTerms) {
    if (owners.at(domains)) return { reason: `anti-affinity by ${term.topologyKey} of pods there`, lasting: true };
  }
  const missing = affinityGroup?.missingAt(domains);
  if (missing !== undefined) return { reason: `affinity by ${missing} to pods that are not there`, lasting: false };
  for (const { counter, constraint } of spreads) {
    const { topologyKey, maxSkew } = constraint;
    if (!counter.allows(domains)) return { reason: `spread by ${topologyKey} within ${maxSkew}`, lasting: false };
  }
  return undefined;
};

const change = (
  ties: Pick<PodTies, "ownTerms" | "matchingTerms" | "affinityGroups" | "spreadOf">,
  node: PlacedNode,
  count: number,
) => {
  for (const { owners } of ties.ownTerms) owners.add(node.domains, count);
  for (const { others } of ties.matchingTerms) others.add(node.domains, count);
  for (const affinityGroup of ties.affinityGroups) affinityGroup.add(node.domains, count);
  for (const { counter, counts } of ties.spreadOf) if (counts(node)) counter.add(node.domains, count);
};

const seen = ({ metadata }: KubePod): PodIdentity => ({
  namespace: metadata.namespace ?? "",
  labels: metadata.labels ?? {},
});

/** Works out who counts whom. */
const tieUp = ({ groups, bound, domains, namespaces }: ClusterSnapshot) => {
  const antiAffinityGroups = createAntiAffinityGroups(domains, namespaces);
  const spreads = createSpreads(domains);
  const ownedBy = (terms: PodTerms, owner: PodIdentity) =>
    terms.antiAffinity.map((term) => antiAffinityGroups.of(term, owner));
  const ownTerms = groups.map((pods) => ownedBy(pods, pods));
  const ownedByBound = bound.map(({ pod }) => (pod.spec.affinity ? ownedBy(termsOf(pod.spec), seen(pod)) : []));
  const affinityGroups = groups.map((pods) =>
    pods.affinity.length > 0 ? createAffinityGroup(pods, domains, namespaces) : undefined,
  );
  const spreadsOf = groups.map((pods) => spreads.of(pods));
  const known = new Map<string, Pick<PodTies, "matchingTerms" | "affinityGroups" | "spreadOf">>();
  /** Pods of equal labels are counted by the same. */
  const countedBy = (pod: PodIdentity) => {
    const key = JSON.stringify(pod);
    const ties = known.get(key) ?? {
      matchingTerms: antiAffinityGroups.speakingOf(pod),
      affinityGroups: affinityGroups
        .filter((affinityGroup) => affinityGroup !== undefined)
        .filter((affinityGroup) => affinityGroup.matches(pod)),
      spreadOf: spreads.all().filter((spread) => spread.matches(pod)),
    };
    known.set(key, ties);
    return ties;
  };
  const ties = groups.map(
    (pods, index): PodTies => ({
      ...countedBy({ namespace: pods.namespace, labels: pods.labels }),
      ownTerms: ownTerms[index] ?? [],
      affinityGroup: affinityGroups[index],
      spreads: spreadsOf[index] ?? [],
    }),
  );
  return { ties, countedBy, ownedByBound, spreads: spreads.all() };
};

export const createTopology = (scene: ClusterSnapshot): Topology => {
  const { bound, nodes, startable } = scene;
  const { ties, countedBy, ownedByBound, spreads } = tieUp(scene);
  const assumed = new Set<PlacedNode>();
  for (const { counter, counts, countsAhead } of spreads) {
    for (const node of nodes) if (counts(node)) counter.addNode(node.domains, 1);
    for (const node of startable) if (countsAhead(node) && counts(node)) counter.addNode(node.domains, 1);
  }
  for (const [index, { pod, node }] of bound.entries()) {
    const counted = countedBy(seen(pod));
    // Spread passes over pods that are on their way out; affinity and anti-affinity do not.
    const spreadOf = pod.metadata.deletionTimestamp ? [] : counted.spreadOf;
    change({ ...counted, spreadOf, ownTerms: ownedByBound[index] ?? [] }, node, 1);
  }
  /** Those for which the node's place counts once it is taken, and not before. */
  const newFor = (node: PlacedNode) => spreads.filter(({ counts, countsAhead }) => !countsAhead(node) && counts(node));
  const isConcerned = ties.map(({ ownTerms, matchingTerms, affinityGroup, spreads: own }) =>
    Boolean(ownTerms.length + matchingTerms.length + own.length > 0 || affinityGroup),
  );
  return {
    concerns: ({ index }) => isConcerned[index] ?? false,
    unschedulableReason: ({ index }, node) => {
      const own = ties[index];
      return own && firstReason(own, node);
    },
    add: ({ index }, node, count) => {
      const own = ties[index];
      if (own) change(own, node, count);
    },
    addNode: (node, count) => {
      if (assumed.has(node)) return;
      for (const { counter } of newFor(node)) counter.addNode(node.domains, count);
    },
    assume: (all) => {
      const news = all.filter((node) => !assumed.has(node) && newFor(node).length > 0);
      for (const node of news) {
        assumed.add(node);
        for (const { counter } of newFor(node)) counter.addNode(node.domains, 1);
      }
      return news.length > 0;
    },
  };
};
