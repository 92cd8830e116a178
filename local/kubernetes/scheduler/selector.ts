import type { LabelSelector, PodObject } from "../objects/objects.ts";

/** Extends the selector: pods must have the given pod's own value for each `match` key, and not its value for a `mismatch` key. */
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
