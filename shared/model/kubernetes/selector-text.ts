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

/** As the query parameter `labelSelector`; an empty selector, which selects everything, is an empty text. */
export const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
  [...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`), ...matchExpressions.map(requirementText)]
    .toSorted()
    .join(",");
