/** Required pod affinity and anti-affinity (plugin InterPodAffinity). */
import { matchesSelector } from "../api-server/selectors/labels.ts";
import type { NodeObject, PodAffinityTerm, PodObject } from "../objects.ts";
import type { ClusterState, NodeState } from "./cluster-state.ts";
import type { PodFacts } from "./pod-facts.ts";
import { crowded, lasting, type Refusal } from "./refusal.ts";
import { withLabelKeys } from "./selector.ts";

export type NamespaceLabels = (namespace: string) => Record<string, string> | undefined;

type PodTest = (other: PodObject) => boolean;

/** Which pods a term of `pod` speaks of; without namespaces, those of its own. */
const testOf = (term: PodAffinityTerm, pod: PodObject, labelsOf: NamespaceLabels): PodTest => {
  const selector = withLabelKeys(term.labelSelector, pod, term.matchLabelKeys, term.mismatchLabelKeys);
  const { namespaces = [], namespaceSelector } = term;
  const own = namespaces.length === 0 && !namespaceSelector ? pod.metadata.namespace : undefined;
  return ({ metadata }) => {
    const namespace = metadata.namespace ?? "";
    const isMeant =
      namespace === own || namespaces.includes(namespace) || matchesSelector(namespaceSelector, labelsOf(namespace));
    return isMeant && matchesSelector(selector, metadata.labels);
  };
};

/** A place that pods share: `key=value` of the node they are on. */
const placeOf = ({ topologyKey }: PodAffinityTerm, { metadata }: NodeObject): string | undefined => {
  const value = metadata.labels?.[topologyKey];
  return value === undefined ? undefined : `${topologyKey}=${value}`;
};

const places = (terms: readonly PodAffinityTerm[], node: NodeObject): string[] =>
  terms.flatMap((term) => placeOf(term, node) ?? []);

/** Places where there is a pod that all affinity terms speak of. */
const findCompany = (terms: readonly PodAffinityTerm[], tests: readonly PodTest[], { nodes }: ClusterState) => {
  const found = new Set<string>();
  for (const { node, pods } of nodes.values()) {
    const hasOne = [...pods.values()].some(({ pod }) => tests.every((test) => test(pod)));
    if (hasOne) for (const place of places(terms, node)) found.add(place);
  }
  return found;
};

/** Places where there is a pod that one of the anti-affinity terms speaks of. */
const findAvoided = (terms: readonly PodAffinityTerm[], tests: readonly PodTest[], { nodes }: ClusterState) => {
  const found = new Set<string>();
  for (const { node, pods } of nodes.values()) {
    for (const [index, term] of terms.entries()) {
      const place = placeOf(term, node);
      if (place && [...pods.values()].some(({ pod }) => tests[index]?.(pod))) found.add(place);
    }
  }
  return found;
};

/** Places that pods with anti-affinity of their own keep this one from. */
const findGuarded = ({ pod }: PodFacts, { nodes, guarded }: ClusterState, labelsOf: NamespaceLabels) => {
  const found = new Set<string>();
  for (const other of guarded.values()) {
    const node = nodes.get(other.pod.spec.nodeName ?? "")?.node;
    if (!node) continue;
    for (const term of other.antiAffinity) {
      const place = placeOf(term, node);
      if (place && !found.has(place) && testOf(term, other.pod, labelsOf)(pod)) found.add(place);
    }
  }
  return found;
};

const placesOf = (node: NodeObject, set: ReadonlySet<string>): boolean => {
  if (set.size === 0) return false;
  return Object.entries(node.metadata.labels ?? {}).some(([key, value]) => set.has(`${key}=${value}`));
};

/** Looks around once for a pod; the result asks node by node. */
export const podAffinityFilter = (
  facts: PodFacts,
  state: ClusterState,
  labelsOf: NamespaceLabels,
): ((node: NodeState) => Refusal | undefined) => {
  const { pod, affinity, antiAffinity } = facts;
  const wantedTests = affinity.map((term) => testOf(term, pod, labelsOf));
  const company = affinity.length > 0 ? findCompany(affinity, wantedTests, state) : new Set<string>();
  const avoidedTests = antiAffinity.map((term) => testOf(term, pod, labelsOf));
  const avoided = antiAffinity.length > 0 ? findAvoided(antiAffinity, avoidedTests, state) : new Set<string>();
  const guarded = state.guarded.size > 0 ? findGuarded(facts, state, labelsOf) : new Set<string>();
  // The first of a group of pods that want each other's company finds nobody yet, and may begin anywhere.
  const isFirst = company.size === 0 && wantedTests.every((test) => test(pod));

  return ({ node }) => {
    const hasPlaces = affinity.map((term) => placeOf(term, node));
    const isIn = hasPlaces.every((place) => place !== undefined && (isFirst || company.has(place)));
    if (!isIn) return lasting("node(s) didn't match pod affinity rules");
    if (places(antiAffinity, node).some((place) => avoided.has(place))) {
      return crowded("node(s) didn't match pod anti-affinity rules");
    }
    return placesOf(node, guarded) ? crowded("node(s) didn't satisfy existing pods anti-affinity rules") : undefined;
  };
};
