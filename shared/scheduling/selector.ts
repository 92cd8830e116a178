import type { Labels } from "../model/kubernetes/objects.ts";
import type { LabelSelector, Requirement } from "../model/kubernetes/scheduling.ts";
import { meets } from "./requirement.ts";

export type LabelTest = (labels: Labels) => boolean;

const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly Requirement[] => [
  ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In", values: [value] })),
  ...matchExpressions,
];

/** An empty selector selects everything, none selects nothing (k8s.io/apimachinery, LabelSelectorAsSelector). */
export const selects = (selector: LabelSelector | undefined): LabelTest => {
  if (!selector) return () => false;
  const requirements = requirementsOf(selector);
  return (labels) => requirements.every((requirement) => meets(requirement, labels[requirement.key]));
};

/** The labels that it looks at. */
export const selectorKeys = (selector: LabelSelector | undefined): readonly string[] =>
  selector ? requirementsOf(selector).map(({ key }) => key) : [];

/**
 * The selector narrowed to pods that have the pod's own value for each key of `match`, and not its value for those of `mismatch`.
 * The API server of 1.36 writes this into the selector itself when the pod is made; older ones left it to the scheduler.
 */
export const withLabelKeys = (
  selector: LabelSelector | undefined,
  labels: Labels,
  match: readonly string[] = [],
  mismatch: readonly string[] = [],
): LabelSelector | undefined => {
  if (!selector || match.length + mismatch.length === 0) return selector;
  const narrow = (keys: readonly string[], operator: string): readonly Requirement[] =>
    keys.flatMap((key) => {
      const value = labels[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const more = [...narrow(match, "In"), ...narrow(mismatch, "NotIn")];
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...more] };
};
