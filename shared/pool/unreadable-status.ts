import { withTransitionTime } from "../model/kubernetes/conditions.ts";
import type { Condition } from "../model/kubernetes/objects.ts";
import { rfc3339 } from "../model/time.ts";

/** The changed status of a pool whose spec cannot be read: nothing is known of it but that. `conditions`: those of the status before. */
export const unreadableStatus = (
  message: string,
  { conditions, generation, now }: { conditions: readonly Condition[]; generation: number; now: number },
) => {
  const reason = "ValidationFailed";
  const verdicts = (
    [
      ["Ready", "False"],
      ["Degraded", "True"],
    ] as const
  ).map(([type, status]) => {
    const condition = { type, status, reason, message, observedGeneration: generation };
    return withTransitionTime(
      condition,
      conditions.find((previous) => previous.type === type),
      now,
    );
  });
  const others = conditions.filter((previous) => !verdicts.some(({ type }) => type === previous.type));
  return {
    observedGeneration: generation,
    conditions: [...verdicts, ...others],
    degradedReason: reason,
    lastReconcileTime: rfc3339(now),
  };
};
