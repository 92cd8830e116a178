import type { Taint, Toleration } from "./objects.ts";

/**
 * Whether the toleration covers the taint. Source: k8s.io/api/core/v1, Toleration.ToleratesTaint; `Lt` and `Gt`, which compare
 * numbers, are an alpha of 1.35 and left out.
 */
export const tolerates = ({ key, operator, value, effect }: Toleration, taint: Taint): boolean => {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return key !== undefined && (operator ?? "Equal") === "Equal" && (value ?? "") === (taint.value ?? "");
};

/** The first taint of one of the effects that nothing tolerates. */
export const untolerated = (
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly string[],
): Taint | undefined =>
  taints?.find(
    (taint) => effects.includes(taint.effect) && !tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
