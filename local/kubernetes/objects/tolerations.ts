import type { Taint, Toleration } from "./objects.ts";

/**
 * Whether the toleration tolerates the taint. Source: k8s.io/api/core/v1, Toleration.ToleratesTaint. The numeric operators `Lt`
 * and `Gt`, alpha in 1.35, are not supported.
 */
export const tolerates = ({ key, operator, value, effect }: Toleration, taint: Taint): boolean => {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return key !== undefined && (operator ?? "Equal") === "Equal" && (value ?? "") === (taint.value ?? "");
};

/** The first taint with one of the given effects that no toleration tolerates. */
export const untolerated = (
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined =>
  taints?.find(
    (taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
