import type { WarmupFailureReason } from "../model/warmup-failures.ts";
import { type Action, beginTransition, emitEvent } from "./actions.ts";
import type { Instance, PoolView } from "./view.ts";
import { withFailure } from "./warmup-backoff.ts";
import { consoleCommand } from "./warmup-outcome.ts";

export interface FailedWarmup {
  readonly reason: WarmupFailureReason;
  /** What is wrong, as it follows the instance's id. */
  readonly message: string;
}

/** Ends an instance that must not become standby; what it lacks it would lack at each start. */
export const failWarmup = (
  instance: Instance<"warmup">,
  { reason, message }: FailedWarmup,
  view: PoolView,
): Action[] => {
  const { instanceId } = instance.record;
  const said = `${instanceId} is replaced: ${message}; ${consoleCommand(instanceId)}`;
  return [
    { kind: "recordWarmupFailures", failures: withFailure(view, instance.record, reason, said) },
    beginTransition(instance, "terminating", reason === "Timeout" ? "WarmupTimeout" : "WarmupFailed"),
    { kind: "recordMetric", metric: "warmupFailures", value: 1, labels: { reason } },
    emitEvent("Warning", "WarmupFailed", said),
  ];
};
