import { badRequest } from "../status-errors.ts";

export type LabelPredicate = (labels: Readonly<Record<string, string>> | undefined) => boolean;

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

/** The selector in an object's spec (meta.k8s.io/v1 LabelSelector). An empty selector selects everything, a missing one nothing. */
export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
}

const TERM = /^\s*(!)?\s*([^\s!=<>(),]+)\s*(?:(==|=|!=|>|<|in|notin)\s*(.*?))?\s*$/s;

/** Parses the query parameter `labelSelector`: `a=b,c!=d,e in (f,g),h notin (i),j,!k`. Throws 400. */
export const parseLabelSelector = (selector: string): LabelPredicate => {
  const requirements = splitOutsideParentheses(selector).map(parseTerm);
  return (labels) => requirements.every((requirement) => meets(labels, requirement));
};

export const matchesSelector = (selector: LabelSelector | undefined | null, labels?: Record<string, string>): boolean =>
  selector != null && requirementsOf(selector).every((requirement) => meets(labels, requirement));

/** Formats a selector like the query parameter, for table columns. */
export const formatSelector = (selector: LabelSelector): string =>
  requirementsOf(selector).map(formatRequirement).join(",") || "<none>";

const requirementsOf = ({ matchLabels, matchExpressions }: LabelSelector): Requirement[] => [
  ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({ key, operator: "=", values: [value] })),
  ...(matchExpressions ?? []),
];

const formatRequirement = ({ key, operator, values = [] }: Requirement): string => {
  if (operator === "=") return `${key}=${values[0]}`;
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  return `${key} ${operator.toLowerCase()} (${values.join(",")})`;
};

const parseTerm = (term: string): Requirement => {
  const [match, not, key = "", operator, rest = ""] = TERM.exec(term) ?? [];
  if (!match || (not && operator)) throw badRequest(`unable to parse requirement: ${term}`);
  if (not) return { key, operator: "DoesNotExist" };
  if (!operator) return { key, operator: "Exists" };
  if (operator !== "in" && operator !== "notin") return { key, operator, values: [rest.trim()] };
  if (!rest.startsWith("(") || !rest.endsWith(")")) throw badRequest(`unable to parse requirement: ${term}`);
  const values = rest.slice(1, -1).split(",");
  return { key, operator, values: values.map((value) => value.trim()) };
};

const meets = (labels: Readonly<Record<string, string>> | undefined, requirement: Requirement): boolean => {
  const { key, operator, values = [] } = requirement;
  const value = labels?.[key];
  switch (operator) {
    case "=":
    case "==":
    case "in":
    case "In":
      return value !== undefined && values.includes(value);
    case "!=":
    case "notin":
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case ">":
      return value !== undefined && Number(value) > Number(values[0]);
    case "<":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
};

const splitOutsideParentheses = (text: string): string[] =>
  text.trim() === "" ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());
