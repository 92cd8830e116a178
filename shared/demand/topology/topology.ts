/** Where pods may go because of where other pods are: affinity, anti-affinity and topology spread. */

import type { KubePod, Labels } from "../../model/kubernetes/objects.ts";
import { type PodClass, type PodTerms, termsOf } from "../pod-groups.ts";
import { type Company, createCompany } from "./affinity.ts";
import { createGuards, type Guard } from "./anti-affinity.ts";
import type { Places } from "./domains.ts";
import type { SeenPod } from "./pod-matcher.ts";
import { createSpreads, type PlacedNode, type Spread } from "./spreads.ts";

export interface Refusal {
  readonly reason: string;
  /** Whether it stands however many more pods are placed. */
  readonly lasting: boolean;
}

export interface Topology {
  /** Whether it can refuse pods of the class at all. */
  concerns(pods: PodClass): boolean;
  refusal(pods: PodClass, node: PlacedNode): Refusal | undefined;
  /** Counts pods of the class as being on the node; a negative count takes them away. */
  add(pods: PodClass, node: PlacedNode, count: number): void;
  /** A node is taken that pods could not go to before; -1 gives it back. */
  addNode(node: PlacedNode, count: 1 | -1): void;
  /** The nodes will be there from the start, whatever is undone; false if all were known to be. */
  assume(nodes: readonly PlacedNode[]): boolean;
}

export interface BoundPod {
  readonly pod: KubePod;
  readonly node: PlacedNode;
}

export interface Scene {
  readonly classes: readonly PodClass[];
  readonly bound: readonly BoundPod[];
  /** All nodes that pods run on, or could without anything being done. */
  readonly nodes: readonly PlacedNode[];
  /** Nodes that can be had; of those that are alike, one. */
  readonly offered: readonly PlacedNode[];
  readonly places: Places;
  readonly namespaces: ReadonlyMap<string, Labels>;
}

/** All counts that placing a pod changes, and those that have a say in where it goes. */
interface Ties {
  readonly owned: readonly Guard[];
  readonly guarded: readonly Guard[];
  readonly company: Company | undefined;
  readonly spreads: readonly Spread[];
  /** Of other classes, and of its own where it counts itself. */
  readonly companyOf: readonly Company[];
  readonly spreadOf: readonly Spread[];
}

export const NOBODY_LOOKS: Topology = {
  concerns: () => false,
  refusal: () => undefined,
  add: () => {},
  addNode: () => {},
  assume: () => false,
};

const firstRefusal = ({ owned, guarded, company, spreads }: Ties, { places }: PlacedNode): Refusal | undefined => {
  for (const { others, term } of owned) {
    if (others.at(places)) return { reason: `anti-affinity by ${term.topologyKey} to pods there`, lasting: true };
  }
  for (const { owners, term } of guarded) {
    if (owners.at(places)) return { reason: `anti-affinity by ${term.topologyKey} of pods there`, lasting: true };
  }
  const missing = company?.missingAt(places);
  if (missing !== undefined) return { reason: `affinity by ${missing} to pods that are not there`, lasting: false };
  for (const { counter, constraint } of spreads) {
    const { topologyKey, maxSkew } = constraint;
    if (!counter.allows(places)) return { reason: `spread by ${topologyKey} within ${maxSkew}`, lasting: false };
  }
  return undefined;
};

const change = (ties: Pick<Ties, "owned" | "guarded" | "companyOf" | "spreadOf">, node: PlacedNode, count: number) => {
  for (const { owners } of ties.owned) owners.add(node.places, count);
  for (const { others } of ties.guarded) others.add(node.places, count);
  for (const company of ties.companyOf) company.add(node.places, count);
  for (const { counter, counts } of ties.spreadOf) if (counts(node)) counter.add(node.places, count);
};

const seen = ({ metadata }: KubePod): SeenPod => ({
  namespace: metadata.namespace ?? "",
  labels: metadata.labels ?? {},
});

/** Works out who counts whom. */
const tieUp = ({ classes, bound, places, namespaces }: Scene) => {
  const guards = createGuards(places, namespaces);
  const spreads = createSpreads(places);
  const ownedBy = (terms: PodTerms, owner: SeenPod) => terms.antiAffinity.map((term) => guards.of(term, owner));
  const owned = classes.map((pods) => ownedBy(pods, pods));
  const ownedByBound = bound.map(({ pod }) => (pod.spec.affinity ? ownedBy(termsOf(pod.spec), seen(pod)) : []));
  const companies = classes.map((pods) =>
    pods.affinity.length > 0 ? createCompany(pods, places, namespaces) : undefined,
  );
  const spreadsOf = classes.map((pods) => spreads.of(pods));
  const known = new Map<string, Pick<Ties, "guarded" | "companyOf" | "spreadOf">>();
  /** Pods of equal labels are counted by the same. */
  const countedBy = (pod: SeenPod) => {
    const key = JSON.stringify(pod);
    const ties = known.get(key) ?? {
      guarded: guards.speakingOf(pod),
      companyOf: companies.filter((company) => company !== undefined).filter((company) => company.speaksOf(pod)),
      spreadOf: spreads.all().filter((spread) => spread.speaksOf(pod)),
    };
    known.set(key, ties);
    return ties;
  };
  const ties = classes.map(
    (pods, index): Ties => ({
      ...countedBy({ namespace: pods.namespace, labels: pods.labels }),
      owned: owned[index] ?? [],
      company: companies[index],
      spreads: spreadsOf[index] ?? [],
    }),
  );
  return { ties, countedBy, ownedByBound, spreads: spreads.all() };
};

export const createTopology = (scene: Scene): Topology => {
  const { bound, nodes, offered } = scene;
  const { ties, countedBy, ownedByBound, spreads } = tieUp(scene);
  const assumed = new Set<PlacedNode>();
  for (const { counter, counts, countsAhead } of spreads) {
    for (const node of nodes) if (counts(node)) counter.addNode(node.places, 1);
    for (const node of offered) if (countsAhead(node) && counts(node)) counter.addNode(node.places, 1);
  }
  for (const [index, { pod, node }] of bound.entries()) {
    const counted = countedBy(seen(pod));
    // Spread passes over pods that are on their way out; affinity and anti-affinity do not.
    const spreadOf = pod.metadata.deletionTimestamp ? [] : counted.spreadOf;
    change({ ...counted, spreadOf, owned: ownedByBound[index] ?? [] }, node, 1);
  }
  /** Those for which the node's place counts once it is taken, and not before. */
  const newFor = (node: PlacedNode) => spreads.filter(({ counts, countsAhead }) => !countsAhead(node) && counts(node));
  const isConcerned = ties.map(({ owned, guarded, company, spreads: own }) =>
    Boolean(owned.length + guarded.length + own.length > 0 || company),
  );
  return {
    concerns: ({ index }) => isConcerned[index] ?? false,
    refusal: ({ index }, node) => {
      const own = ties[index];
      return own && firstRefusal(own, node);
    },
    add: ({ index }, node, count) => {
      const own = ties[index];
      if (own) change(own, node, count);
    },
    addNode: (node, count) => {
      if (assumed.has(node)) return;
      for (const { counter } of newFor(node)) counter.addNode(node.places, count);
    },
    assume: (all) => {
      const news = all.filter((node) => !assumed.has(node) && newFor(node).length > 0);
      for (const node of news) {
        assumed.add(node);
        for (const { counter } of newFor(node)) counter.addNode(node.places, 1);
      }
      return news.length > 0;
    },
  };
};
