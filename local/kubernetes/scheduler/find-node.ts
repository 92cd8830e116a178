import { namedNodes } from "../objects/node-affinity.ts";
import type { ClusterState } from "./cluster-state.ts";
import type { FilterStatus } from "./filter-status.ts";
import { unschedulableMessage } from "./fit-error.ts";
import { filterNode } from "./node-filters.ts";
import { type NamespaceLabels, podAffinityFilter } from "./pod-affinity.ts";
import type { PodFacts } from "./pod-facts.ts";
import { scoreNode } from "./score.ts";
import { spreadFilter } from "./spread.ts";

export type ScheduleResult =
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "none"; readonly message: string };

const MIN_FEASIBLE_NODES = 100;

/** In large clusters kube-scheduler scores only a fraction of the feasible nodes (numFeasibleNodesToFind). */
const feasibleNodesToFind = (nodeCount: number): number => {
  const percentage = Math.max(5, 50 - nodeCount / 125);
  return Math.max(MIN_FEASIBLE_NODES, Math.floor((nodeCount * percentage) / 100));
};

export interface SchedulingContext {
  readonly state: ClusterState;
  readonly namespaceLabels: NamespaceLabels;
  /** Breaks ties. */
  readonly random: () => number;
}

/** Finds the best-scored node that passes every filter, or the message that explains why there is none. */
export const findNode = (facts: PodFacts, { state, namespaceLabels, random }: SchedulingContext): ScheduleResult => {
  const names = namedNodes(facts.pod.spec);
  const candidates = names
    ? names.map((name) => state.nodes.get(name)).filter((node) => node !== undefined)
    : [...state.nodes.values()];
  const filterSpread = facts.spread.length > 0 ? spreadFilter(facts, state) : undefined;
  const needsAffinity = facts.affinity.length + facts.antiAffinity.length + state.podsWithAntiAffinity.size > 0;
  const filterAffinity = needsAffinity ? podAffinityFilter(facts, state, namespaceLabels) : undefined;
  const enough = feasibleNodesToFind(state.nodes.size);
  const statuses: FilterStatus[] = [];
  let best: { name: string; score: number } | undefined;
  let feasible = 0;
  const start = candidates.length > MIN_FEASIBLE_NODES ? Math.floor(random() * candidates.length) : 0;
  for (let index = 0; index < candidates.length && feasible < enough; index += 1) {
    const node = candidates[(start + index) % candidates.length];
    if (!node) continue;
    const status = filterNode(facts, node) ?? filterSpread?.(node) ?? filterAffinity?.(node);
    if (status) {
      statuses.push(status);
      continue;
    }
    feasible += 1;
    const score = scoreNode(facts, node) + random() / 1000;
    if (!best || score > best.score) best = { name: node.node.metadata.name, score };
  }
  if (best) return { kind: "node", name: best.name };
  return { kind: "none", message: unschedulableMessage(state.nodes.size, statuses) };
};
