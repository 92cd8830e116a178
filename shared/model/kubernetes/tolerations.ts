import type { Taint, Toleration } from "./objects.ts";

/**
 * Source: k8s.io/component-helpers/scheduling/corev1, ToleratesTaint. The operators `Lt` and `Gt` are alpha and off by default
 * in 1.36 (TaintTolerationComparisonOperators); a toleration with one of them tolerates nothing.
 */
const tolerates = ({ key, operator, value, effect }: Toleration, taint: Taint): boolean => {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return key !== undefined && (operator ?? "Equal") === "Equal" && (value ?? "") === (taint.value ?? "");
};

/** The first taint that excludes pods with these tolerations. `PreferNoSchedule` excludes none. */
export const untolerated = (taints: readonly Taint[], tolerations: readonly Toleration[] = []): Taint | undefined =>
  taints.find(
    (taint) => taint.effect !== "PreferNoSchedule" && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );

export const readableTaint = ({ key, value, effect }: Taint): string => `${key}${value ? `=${value}` : ""}:${effect}`;
