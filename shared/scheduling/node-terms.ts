/** Node selector terms, as used by node affinity, volumes and storage classes. */
import type { Labels } from "../model/kubernetes/objects.ts";
import type { NodeSelectorTerm, Requirement } from "../model/kubernetes/scheduling.ts";
import { meets, readable } from "./requirement.ts";

/** The parts of a node that terms refer to. A node that does not exist yet has no name. */
export interface NamedLabels {
  readonly name?: string;
  readonly labels: Labels;
  /** Keys of labels whose values are not known yet. Any requirement on them counts as met. */
  readonly unknown?: ReadonlySet<string>;
}

const FIELD = "metadata.name";

const meetsField = (field: Requirement, name: string | undefined): boolean => field.key === FIELD && meets(field, name);

/** A term without requirements selects nothing (k8s.io/component-helpers/scheduling/corev1/nodeaffinity). */
const meetsTerm = (
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  { labels, name, unknown }: NamedLabels,
) =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every(
    (requirement) => unknown?.has(requirement.key) || meets(requirement, labels[requirement.key]),
  ) &&
  matchFields.every((field) => meetsField(field, name));

/** The terms are alternatives: meeting one is enough. */
export const meetsAnyTerm = (terms: readonly NodeSelectorTerm[], node: NamedLabels): boolean =>
  terms.some((term) => meetsTerm(term, node));

export const readableTerms = (terms: readonly NodeSelectorTerm[]): string =>
  terms
    .map(({ matchExpressions = [], matchFields = [] }) =>
      [...matchExpressions, ...matchFields].map(readable).join(", "),
    )
    .join(" or ") || "that selects nothing";

/** The label keys that the terms refer to. */
export const keysOfTerms = (terms: readonly NodeSelectorTerm[]): readonly string[] =>
  terms.flatMap(({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key));

/** Whether a term selects nodes by name, so that no two nodes are equivalent. */
export const namesNodes = (terms: readonly NodeSelectorTerm[]): boolean =>
  terms.some(({ matchFields = [] }) => matchFields.length > 0);
