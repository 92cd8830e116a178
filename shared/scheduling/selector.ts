import type { Labels } from "../model/kubernetes/objects.ts";
import type { LabelSelector, Requirement } from "../model/kubernetes/scheduling.ts";
import { meets } from "./requirement.ts";

export type LabelTest = (labels: Labels) => boolean;

const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): readonly Requirement[] => [
  ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In", values: [value] })),
  ...matchExpressions,
];

/** An empty selector selects everything, an absent one nothing (k8s.io/apimachinery, LabelSelectorAsSelector). */
export const selects = (selector: LabelSelector | undefined): LabelTest => {
  if (!selector) return () => false;
  const requirements = requirementsOf(selector);
  return (labels) => requirements.every((requirement) => meets(requirement, labels[requirement.key]));
};

/** The label keys that the selector refers to. */
export const selectorKeys = (selector: LabelSelector | undefined): readonly string[] =>
  selector ? requirementsOf(selector).map(({ key }) => key) : [];

/**
 * Narrows the selector to pods that have the owner's value for each key in `match`, and not that value for each key in `mismatch`.
 * The API server of 1.36 merges these keys into the selector when the pod is created; older versions left it to the scheduler.
 */
export const withLabelKeys = (
  selector: LabelSelector | undefined,
  labels: Labels,
  match: readonly string[] = [],
  mismatch: readonly string[] = [],
): LabelSelector | undefined => {
  if (!selector || match.length + mismatch.length === 0) return selector;
  const requirementsFor = (keys: readonly string[], operator: string): readonly Requirement[] =>
    keys.flatMap((key) => {
      const value = labels[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const more = [...requirementsFor(match, "In"), ...requirementsFor(mismatch, "NotIn")];
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...more] };
};
