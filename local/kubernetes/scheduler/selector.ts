import type { LabelSelector, PodObject } from "../objects.ts";

/** The selector, narrowed to pods that have the pod's own value for each of the keys (and not that of `mismatch`). */
export const withLabelKeys = (
  selector: LabelSelector | undefined,
  { metadata }: PodObject,
  match: readonly string[] = [],
  mismatch: readonly string[] = [],
): LabelSelector | undefined => {
  if (!selector || match.length + mismatch.length === 0) return selector;
  const narrow = (keys: readonly string[], operator: string) =>
    keys.flatMap((key) => {
      const value = metadata.labels?.[key];
      return value === undefined ? [] : [{ key, operator, values: [value] }];
    });
  const more = [...narrow(match, "In"), ...narrow(mismatch, "NotIn")];
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...more] };
};
