/** Required pod affinity and anti-affinity (plugin InterPodAffinity). */
import { matchesSelector } from "../api-server/selectors/labels.ts";
import type { NodeObject, PodAffinityTerm, PodObject } from "../objects/objects.ts";
import type { ClusterState, NodeState } from "./cluster-state.ts";
import { type FilterStatus, unresolvable, unschedulable } from "./filter-status.ts";
import type { PodFacts } from "./pod-facts.ts";
import { withLabelKeys } from "./selector.ts";

export type NamespaceLabels = (namespace: string) => Record<string, string> | undefined;

type PodMatcher = (other: PodObject) => boolean;

/** Matches the pods that a term of `pod` selects. Without namespaces, the term selects in the pod's own namespace. */
const matcherFor = (term: PodAffinityTerm, pod: PodObject, labelsOf: NamespaceLabels): PodMatcher => {
  const selector = withLabelKeys(term.labelSelector, pod, term.matchLabelKeys, term.mismatchLabelKeys);
  const { namespaces = [], namespaceSelector } = term;
  const own = namespaces.length === 0 && !namespaceSelector ? pod.metadata.namespace : undefined;
  return ({ metadata }) => {
    const namespace = metadata.namespace ?? "";
    const isInNamespace =
      namespace === own || namespaces.includes(namespace) || matchesSelector(namespaceSelector, labelsOf(namespace));
    return isInNamespace && matchesSelector(selector, metadata.labels);
  };
};

/** The topology domain of a node under the term's topology key, as `key=value`. */
const domainOf = ({ topologyKey }: PodAffinityTerm, { metadata }: NodeObject): string | undefined => {
  const value = metadata.labels?.[topologyKey];
  return value === undefined ? undefined : `${topologyKey}=${value}`;
};

const domainsOf = (terms: readonly PodAffinityTerm[], node: NodeObject): string[] =>
  terms.flatMap((term) => domainOf(term, node) ?? []);

/** Domains with a pod that matches all affinity terms. */
const findAffinityDomains = (
  terms: readonly PodAffinityTerm[],
  matchers: readonly PodMatcher[],
  { nodes }: ClusterState,
) => {
  const found = new Set<string>();
  for (const { node, pods } of nodes.values()) {
    const hasOne = [...pods.values()].some(({ pod }) => matchers.every((matches) => matches(pod)));
    if (hasOne) for (const domain of domainsOf(terms, node)) found.add(domain);
  }
  return found;
};

/** Domains with a pod that matches one of the anti-affinity terms. */
const findAntiAffinityDomains = (
  terms: readonly PodAffinityTerm[],
  matchers: readonly PodMatcher[],
  { nodes }: ClusterState,
) => {
  const found = new Set<string>();
  for (const { node, pods } of nodes.values()) {
    for (const [index, term] of terms.entries()) {
      const domain = domainOf(term, node);
      if (domain && [...pods.values()].some(({ pod }) => matchers[index]?.(pod))) found.add(domain);
    }
  }
  return found;
};

/** Domains that the anti-affinity of existing pods excludes for this pod. */
const findExistingAntiAffinityDomains = (
  { pod }: PodFacts,
  { nodes, podsWithAntiAffinity }: ClusterState,
  labelsOf: NamespaceLabels,
) => {
  const found = new Set<string>();
  for (const other of podsWithAntiAffinity.values()) {
    const node = nodes.get(other.pod.spec.nodeName ?? "")?.node;
    if (!node) continue;
    for (const term of other.antiAffinity) {
      const domain = domainOf(term, node);
      if (domain && !found.has(domain) && matcherFor(term, other.pod, labelsOf)(pod)) found.add(domain);
    }
  }
  return found;
};

const isInDomain = (node: NodeObject, set: ReadonlySet<string>): boolean => {
  if (set.size === 0) return false;
  return Object.entries(node.metadata.labels ?? {}).some(([key, value]) => set.has(`${key}=${value}`));
};

/** Evaluates the cluster once for a pod. The returned filter then checks node by node. */
export const podAffinityFilter = (
  facts: PodFacts,
  state: ClusterState,
  labelsOf: NamespaceLabels,
): ((node: NodeState) => FilterStatus | undefined) => {
  const { pod, affinity, antiAffinity } = facts;
  const affinityMatchers = affinity.map((term) => matcherFor(term, pod, labelsOf));
  const affinityDomains =
    affinity.length > 0 ? findAffinityDomains(affinity, affinityMatchers, state) : new Set<string>();
  const antiAffinityMatchers = antiAffinity.map((term) => matcherFor(term, pod, labelsOf));
  const antiAffinityDomains =
    antiAffinity.length > 0 ? findAntiAffinityDomains(antiAffinity, antiAffinityMatchers, state) : new Set<string>();
  const existingDomains =
    state.podsWithAntiAffinity.size > 0 ? findExistingAntiAffinityDomains(facts, state, labelsOf) : new Set<string>();
  // The first pod of a group with affinity to itself finds no matching pod and may start in any domain.
  const isFirst = affinityDomains.size === 0 && affinityMatchers.every((matches) => matches(pod));

  return ({ node }) => {
    const domains = affinity.map((term) => domainOf(term, node));
    const isIn = domains.every((domain) => domain !== undefined && (isFirst || affinityDomains.has(domain)));
    if (!isIn) return unresolvable("node(s) didn't match pod affinity rules");
    if (domainsOf(antiAffinity, node).some((domain) => antiAffinityDomains.has(domain))) {
      return unschedulable("node(s) didn't match pod anti-affinity rules");
    }
    return isInDomain(node, existingDomains)
      ? unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")
      : undefined;
  };
};
