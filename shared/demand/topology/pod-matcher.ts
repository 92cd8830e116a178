/** Which pods an affinity term or a spread constraint matches. */
import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodAffinityTerm, SpreadConstraint } from "../../model/kubernetes/scheduling.ts";
import { type LabelTest, selects, withLabelKeys } from "../../scheduling/selector.ts";

/** What terms and constraints of other pods match. */
export interface PodIdentity {
  readonly namespace: string;
  readonly labels: Labels;
}

export type PodMatcher = (pod: PodIdentity) => boolean;

const NO_LABELS: Labels = {};

/** The namespaces that the term lists or selects; if it does neither, the pod's own. */
const namespaceMatcher = (
  { namespaces = [], namespaceSelector }: PodAffinityTerm,
  own: string,
  namespaceLabels: ReadonlyMap<string, Labels>,
): ((namespace: string) => boolean) => {
  if (namespaces.length === 0 && !namespaceSelector) return (namespace) => namespace === own;
  const isSelected: LabelTest = selects(namespaceSelector);
  return (namespace) => namespaces.includes(namespace) || isSelected(namespaceLabels.get(namespace) ?? NO_LABELS);
};

/** `namespaceLabels`: labels by namespace name. */
export const termMatcher = (
  term: PodAffinityTerm,
  owner: PodIdentity,
  namespaceLabels: ReadonlyMap<string, Labels>,
): PodMatcher => {
  const isInNamespace = namespaceMatcher(term, owner.namespace, namespaceLabels);
  const isSelected = selects(
    withLabelKeys(term.labelSelector, owner.labels, term.matchLabelKeys, term.mismatchLabelKeys),
  );
  return ({ namespace, labels }) => isSelected(labels) && isInNamespace(namespace);
};

/** A spread constraint counts only pods of the owner's namespace. */
export const spreadMatcher = ({ labelSelector, matchLabelKeys }: SpreadConstraint, owner: PodIdentity): PodMatcher => {
  const isSelected = selects(withLabelKeys(labelSelector, owner.labels, matchLabelKeys));
  return ({ namespace, labels }) => namespace === owner.namespace && isSelected(labels);
};
