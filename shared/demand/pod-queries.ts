/** The lists of bound pods that the rules of pending pods depend on. */

import { conditionOf, type KubePod } from "../model/kubernetes/objects.ts";
import type { LabelSelector, PodAffinityTerm } from "../model/kubernetes/scheduling.ts";
import { selectorText } from "../model/kubernetes/selector-text.ts";
import { withLabelKeys } from "../scheduling/selector.ts";
import { hasPodTerms, termsOf } from "./pod-groups.ts";

export interface PodQuery {
  /** All namespaces if absent. */
  readonly namespace?: string;
  readonly labelSelector: string;
  /** Only the pods that have required anti-affinity matter. */
  readonly withAntiAffinity?: true;
}

/** More lists than this cost more than whole namespaces, which are listed instead. */
const MAX_QUERIES = 20;
/**
 * The scheduler's message when the anti-affinity of running pods excludes a pod (k8s.io/kubernetes/pkg/scheduler/framework/plugins,
 * interpodaffinity). No selector of the pending pod finds those pods, and their terms may name its namespace from any other, so all pods are read,
 * but only in this case.
 */
const EXISTING_ANTI_AFFINITY = "existing pods anti-affinity rules";

export const isExcludedByRunningPods = (pod: KubePod): boolean =>
  conditionOf(pod, "PodScheduled")?.message?.includes(EXISTING_ANTI_AFFINITY) ?? false;

/** Whether the pod may depend on where other pods run. */
export const dependsOnOtherPods = (pod: KubePod): boolean =>
  hasPodTerms(termsOf(pod.spec)) || isExcludedByRunningPods(pod);

/** An absent selector selects nothing, so there is nothing to read for it. */
const queriesFor = (selector: LabelSelector | undefined, namespaces: readonly (string | undefined)[]): PodQuery[] =>
  selector
    ? namespaces.map((namespace) => ({ ...(namespace && { namespace }), labelSelector: selectorText(selector) }))
    : [];

/** The planner evaluates a namespaceSelector, so pods of all namespaces are read for it. */
const namespacesOf = ({ namespaces = [], namespaceSelector }: PodAffinityTerm, own: string) => {
  if (namespaceSelector) return [undefined];
  return namespaces.length > 0 ? namespaces : [own];
};

const queriesOf = (pod: KubePod): PodQuery[] => {
  const { namespace: own = "default", labels = {} } = pod.metadata;
  const { affinity, antiAffinity, spread } = termsOf(pod.spec);
  const affinityQueries = [...affinity, ...antiAffinity].flatMap((term) =>
    queriesFor(
      withLabelKeys(term.labelSelector, labels, term.matchLabelKeys, term.mismatchLabelKeys),
      namespacesOf(term, own),
    ),
  );
  const spreadQueries = spread.flatMap(({ labelSelector, matchLabelKeys }) =>
    queriesFor(withLabelKeys(labelSelector, labels, matchLabelKeys), [own]),
  );
  return [...affinityQueries, ...spreadQueries];
};

const distinct = (queries: readonly PodQuery[]): readonly PodQuery[] => [
  ...new Map(queries.map((query) => [JSON.stringify(query), query])).values(),
];

const queriesOfTerms = (pods: readonly KubePod[]): readonly PodQuery[] => {
  const exact = distinct(pods.filter(dependsOnOtherPods).flatMap(queriesOf));
  if (exact.length <= MAX_QUERIES) return exact;
  const wholeNamespaces = distinct(
    exact.map(({ namespace }) => ({ ...(namespace && { namespace }), labelSelector: "" })),
  );
  const allNamespaces = wholeNamespaces.find(({ namespace }) => namespace === undefined);
  return allNamespaces ? [allNamespaces] : wholeNamespaces;
};

/**
 * None for pods without such rules. No list covers all pods of the cluster unless a term applies to all namespaces, or the scheduler says that terms of
 * running pods exclude a pod.
 */
export const podQueries = (pods: readonly KubePod[]): readonly PodQuery[] => [
  ...queriesOfTerms(pods),
  ...(pods.some(isExcludedByRunningPods) ? [{ labelSelector: "", withAntiAffinity: true } as const] : []),
];
