/** Which pods a term or constraint of a pod speaks of. */
import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodAffinityTerm, SpreadConstraint } from "../../model/kubernetes/scheduling.ts";
import { type LabelTest, selects, withLabelKeys } from "../../scheduling/selector.ts";

/** A pod as others see it. */
export interface PodIdentity {
  readonly namespace: string;
  readonly labels: Labels;
}

export type PodMatcher = (pod: PodIdentity) => boolean;

const NO_LABELS: Labels = {};

/** Namespaces that are listed or selected; without either, the pod's own. */
const testNamespace = (
  { namespaces = [], namespaceSelector }: PodAffinityTerm,
  own: string,
  known: ReadonlyMap<string, Labels>,
): ((namespace: string) => boolean) => {
  if (namespaces.length === 0 && !namespaceSelector) return (namespace) => namespace === own;
  const isSelected: LabelTest = selects(namespaceSelector);
  return (namespace) => namespaces.includes(namespace) || isSelected(known.get(namespace) ?? NO_LABELS);
};

/** `known` holds the labels of namespaces. */
export const termMatcher = (
  term: PodAffinityTerm,
  owner: PodIdentity,
  known: ReadonlyMap<string, Labels>,
): PodMatcher => {
  const isInside = testNamespace(term, owner.namespace, known);
  const isSelected = selects(
    withLabelKeys(term.labelSelector, owner.labels, term.matchLabelKeys, term.mismatchLabelKeys),
  );
  return ({ namespace, labels }) => isSelected(labels) && isInside(namespace);
};

/** Spread counts pods of the same namespace only. */
export const spreadMatcher = ({ labelSelector, matchLabelKeys }: SpreadConstraint, owner: PodIdentity): PodMatcher => {
  const isSelected = selects(withLabelKeys(labelSelector, owner.labels, matchLabelKeys));
  return ({ namespace, labels }) => namespace === owner.namespace && isSelected(labels);
};
