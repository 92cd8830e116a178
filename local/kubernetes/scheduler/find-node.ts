import type { ClusterState } from "./cluster-state.ts";
import { namedNodes } from "./node-affinity.ts";
import { filterNode } from "./node-filters.ts";
import { type NamespaceLabels, podAffinityFilter } from "./pod-affinity.ts";
import type { PodFacts } from "./pod-facts.ts";
import type { Refusal } from "./refusal.ts";
import { scoreNode } from "./score.ts";
import { spreadFilter } from "./spread.ts";
import { unschedulableMessage } from "./verdict.ts";

export type Finding =
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "none"; readonly message: string };

const FEWEST_COMPARED = 100;

/** In large clusters kube-scheduler compares but a part of the nodes that fit (numFeasibleNodesToFind). */
const enoughToCompare = (nodeCount: number): number => {
  const percentage = Math.max(5, 50 - nodeCount / 125);
  return Math.max(FEWEST_COMPARED, Math.floor((nodeCount * percentage) / 100));
};

export interface Surroundings {
  readonly state: ClusterState;
  readonly namespaceLabels: NamespaceLabels;
  /** Breaks ties. */
  readonly random: () => number;
}

/** Finds the pod a node that satisfies every filter, the best scored of them, or says why there is none. */
export const findNode = (facts: PodFacts, { state, namespaceLabels, random }: Surroundings): Finding => {
  const names = namedNodes(facts.pod.spec);
  const asked = names
    ? names.map((name) => state.nodes.get(name)).filter((node) => node !== undefined)
    : [...state.nodes.values()];
  const filterSpread = facts.spread.length > 0 ? spreadFilter(facts, state) : undefined;
  const looksAround = facts.affinity.length + facts.antiAffinity.length + state.guarded.size > 0;
  const filterAffinity = looksAround ? podAffinityFilter(facts, state, namespaceLabels) : undefined;
  const enough = enoughToCompare(state.nodes.size);
  const refusals: Refusal[] = [];
  let best: { name: string; score: number } | undefined;
  let fitting = 0;
  const start = asked.length > FEWEST_COMPARED ? Math.floor(random() * asked.length) : 0;
  for (let index = 0; index < asked.length && fitting < enough; index += 1) {
    const node = asked[(start + index) % asked.length];
    if (!node) continue;
    const refusal = filterNode(facts, node) ?? filterSpread?.(node) ?? filterAffinity?.(node);
    if (refusal) {
      refusals.push(refusal);
      continue;
    }
    fitting += 1;
    const score = scoreNode(facts, node) + random() / 1000;
    if (!best || score > best.score) best = { name: node.node.metadata.name, score };
  }
  if (best) return { kind: "node", name: best.name };
  return { kind: "none", message: unschedulableMessage(state.nodes.size, refusals) };
};
