/** Which bound pods pending pods look at, as lists to ask the API server for. */

import { conditionOf, type KubePod } from "../model/kubernetes/objects.ts";
import type { LabelSelector, PodAffinityTerm } from "../model/kubernetes/scheduling.ts";
import { selectorText } from "../model/kubernetes/selector-text.ts";
import { withLabelKeys } from "../scheduling/selector.ts";
import { hasPodTerms, termsOf } from "./pod-groups.ts";

export interface PodQuery {
  /** All of them, if absent. */
  readonly namespace?: string;
  readonly labelSelector: string;
}

/** More lists than this cost more than the one they are parts of: then whole namespaces are asked for. */
const MOST_LISTS = 20;
/**
 * What the scheduler says where pods that run already keep a pod away (k8s.io/kubernetes/pkg/scheduler/framework/plugins,
 * interpodaffinity). Only then is it worth reading pods for terms that no selector finds.
 */
const KEPT_AWAY = "existing pods anti-affinity rules";

const isKeptAway = (pod: KubePod): boolean => conditionOf(pod, "PodScheduled")?.message?.includes(KEPT_AWAY) ?? false;

/** Whether it matters to the pod where others are. */
export const dependsOnOtherPods = (pod: KubePod): boolean => hasPodTerms(termsOf(pod.spec)) || isKeptAway(pod);

/** A selector that is absent selects nothing, so nothing is to be read for it. */
const queriesFor = (selector: LabelSelector | undefined, namespaces: readonly (string | undefined)[]): PodQuery[] =>
  selector
    ? namespaces.map((namespace) => ({ ...(namespace && { namespace }), labelSelector: selectorText(selector) }))
    : [];

/** Which namespaces a namespaceSelector selects is for the core to say: their pods are all read. */
const namespacesOf = ({ namespaces = [], namespaceSelector }: PodAffinityTerm, own: string) => {
  if (namespaceSelector) return [undefined];
  return namespaces.length > 0 ? namespaces : [own];
};

const queriesOf = (pod: KubePod): PodQuery[] => {
  const { namespace: own = "default", labels = {} } = pod.metadata;
  const { affinity, antiAffinity, spread } = termsOf(pod.spec);
  const context = [...affinity, ...antiAffinity].flatMap((term) =>
    queriesFor(
      withLabelKeys(term.labelSelector, labels, term.matchLabelKeys, term.mismatchLabelKeys),
      namespacesOf(term, own),
    ),
  );
  const beside = spread.flatMap(({ labelSelector, matchLabelKeys }) =>
    queriesFor(withLabelKeys(labelSelector, labels, matchLabelKeys), [own]),
  );
  return [...context, ...beside, ...(isKeptAway(pod) ? [{ namespace: own, labelSelector: "" }] : [])];
};

const distinct = (queries: readonly PodQuery[]): readonly PodQuery[] => [
  ...new Map(queries.map((query) => [JSON.stringify(query), query])).values(),
];

/** None for pods that look at nobody; a list never holds all pods of the cluster unless a term speaks of all namespaces. */
export const podQueries = (pods: readonly KubePod[]): readonly PodQuery[] => {
  const exact = distinct(pods.filter(dependsOnOtherPods).flatMap(queriesOf));
  if (exact.length <= MOST_LISTS) return exact;
  const allocatable = distinct(exact.map(({ namespace }) => ({ ...(namespace && { namespace }), labelSelector: "" })));
  const all = allocatable.find(({ namespace }) => namespace === undefined);
  return all ? [all] : allocatable;
};
