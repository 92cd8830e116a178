import type { LabelSelector, Requirement } from "./scheduling.ts";

const requirementText = ({ key, operator, values = [] }: Requirement): string => {
  switch (operator) {
    case "In":
      return `${key} in (${values.join(",")})`;
    case "NotIn":
      return `${key} notin (${values.join(",")})`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
};

/** The selector as a `labelSelector` query parameter. An empty selector, which selects everything, becomes an empty string. */
export const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
  [...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`), ...matchExpressions.map(requirementText)]
    .toSorted()
    .join(",");
