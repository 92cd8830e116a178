import type { NodeObject, NodeSelectorTerm, PodSpec, Requirement } from "./objects.ts";

const INTEGER = /^[+-]?\d+$/;

/** Gt and Lt compare integers. If either side is not an integer, the requirement is not met (apimachinery labels.Requirement.Matches). */
const compare = (
  value: string | undefined,
  limit: string | undefined,
  isMet: (one: number, other: number) => boolean,
) => INTEGER.test(value ?? "") && INTEGER.test(limit ?? "") && isMet(Number(value), Number(limit));

const meets = ({ operator, values = [] }: Requirement, value: string | undefined): boolean => {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return compare(value, values[0], (one, other) => one > other);
    case "Lt":
      return compare(value, values[0], (one, other) => one < other);
    default:
      return false;
  }
};

/** A term without requirements matches no node (component-helpers nodeaffinity). */
const meetsTerm = ({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: NodeObject): boolean =>
  matchExpressions.length + matchFields.length > 0 &&
  matchExpressions.every((requirement) => meets(requirement, metadata.labels?.[requirement.key])) &&
  matchFields.every((field) => meets(field, field.key === "metadata.name" ? metadata.name : undefined));

/** Terms are alternatives. */
export const meetsOneOf = (terms: readonly NodeSelectorTerm[], node: NodeObject): boolean =>
  terms.some((term) => meetsTerm(term, node));

const requiredTerms = ({ affinity }: PodSpec): readonly NodeSelectorTerm[] | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Whether the node matches the pod's node selector and required node affinity. */
export const matchesNodeAffinity = (spec: PodSpec, node: NodeObject): boolean => {
  const terms = requiredTerms(spec);
  const hasLabels = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => node.metadata.labels?.[key] === value,
  );
  return hasLabels && (terms === undefined || meetsOneOf(terms, node));
};

/** The names of the only nodes that can match, as for DaemonSet pods; undefined if the affinity does not restrict nodes by name. */
export const namedNodes = (spec: PodSpec): readonly string[] | undefined => {
  const names: string[] = [];
  for (const { matchFields = [] } of requiredTerms(spec) ?? []) {
    const field = matchFields.find(({ key, operator }) => key === "metadata.name" && operator === "In");
    if (!field) return undefined;
    names.push(...(field.values ?? []));
  }
  return names.length > 0 ? names : undefined;
};
