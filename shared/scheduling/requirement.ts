import type { Requirement } from "../model/kubernetes/scheduling.ts";

const INTEGER = /^[+-]?\d+$/;

/** False unless both are integers. */
const isBeyond = (value: string | undefined, limit: string | undefined, sign: 1 | -1): boolean =>
  value !== undefined &&
  limit !== undefined &&
  INTEGER.test(value) &&
  INTEGER.test(limit) &&
  sign * (Number(value) - Number(limit)) > 0;

/** Whether a label with this value, or an absent label, meets the requirement. Source: k8s.io/apimachinery/pkg/labels, Requirement.Matches. */
export const meets = ({ operator, values = [] }: Requirement, value: string | undefined): boolean => {
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
      return isBeyond(value, values[0], 1);
    case "Lt":
      return isBeyond(value, values[0], -1);
    default:
      return false;
  }
};

/** In label selector syntax: `zone in (a,b)`, `!gpu`, `cpus > 4`. */
export const readable = ({ key, operator, values = [] }: Requirement): string => {
  switch (operator) {
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    case "Gt":
      return `${key} > ${values[0]}`;
    case "Lt":
      return `${key} < ${values[0]}`;
    default:
      return `${key} ${operator.toLowerCase()} (${values.join(",")})`;
  }
};
