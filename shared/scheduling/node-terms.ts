/** Node selector terms, as pods' node affinity, volumes and storage classes have them. */
import type { Labels } from "../model/kubernetes/objects.ts";
import type { NodeSelectorTerm, Requirement } from "../model/kubernetes/scheduling.ts";
import { meets, readable } from "./requirement.ts";

/** What of a node terms can speak of. A node that does not exist yet has no name. */
export interface NamedLabels {
  readonly name?: string;
  readonly labels: Labels;
  /** Labels that it will have, of a value that is not known; whatever is asked of them is taken to be met. */
  readonly unknown?: ReadonlySet<string>;
}

const FIELD = "metadata.name";

const meetsField = (field: Requirement, name: string | undefined): boolean => field.key === FIELD && meets(field, name);

/** A term without any requirement selects nothing (k8s.io/component-helpers/scheduling/corev1/nodeaffinity). */
const meetsTerm = (
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  { labels, name, unknown }: NamedLabels,
) =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every(
    (requirement) => unknown?.has(requirement.key) || meets(requirement, labels[requirement.key]),
  ) &&
  matchFields.every((field) => meetsField(field, name));

/** One of the terms is enough. */
export const meetsAnyTerm = (terms: readonly NodeSelectorTerm[], node: NamedLabels): boolean =>
  terms.some((term) => meetsTerm(term, node));

export const readableTerms = (terms: readonly NodeSelectorTerm[]): string =>
  terms
    .map(({ matchExpressions = [], matchFields = [] }) =>
      [...matchExpressions, ...matchFields].map(readable).join(", "),
    )
    .join(" or ") || "that selects nothing";

/** The labels that the terms look at. */
export const keysOfTerms = (terms: readonly NodeSelectorTerm[]): readonly string[] =>
  terms.flatMap(({ matchExpressions = [] }) => matchExpressions.map(({ key }) => key));

/** Whether a term asks for nodes by name, so that no two of them are alike. */
export const namesNodes = (terms: readonly NodeSelectorTerm[]): boolean =>
  terms.some(({ matchFields = [] }) => matchFields.length > 0);
