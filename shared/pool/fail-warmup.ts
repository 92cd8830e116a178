import type { WarmupFailureReason } from "../model/warmup-failures.ts";
import { type Action, beginTransition, emitEvent } from "./actions.ts";
import type { Instance, PoolView } from "./view.ts";
import { withFailure } from "./warmup-backoff.ts";
import { consoleCommand } from "./warmup-outcome.ts";

export interface FailedWarmup {
  readonly reason: WarmupFailureReason;
  /** The failure, worded to follow the instance's id. */
  readonly message: string;
}

/** Terminates an instance that must not become standby: what it lacks now it would lack after each start. */
export const failWarmup = (
  instance: Instance<"warmup">,
  { reason, message }: FailedWarmup,
  view: PoolView,
): Action[] => {
  const { instanceId } = instance.record;
  const text = `${instanceId} is replaced: ${message}; ${consoleCommand(instanceId)}`;
  return [
    { kind: "recordWarmupFailures", failures: withFailure(view, instance.record, reason, text) },
    beginTransition(instance, "terminating", reason === "Timeout" ? "WarmupTimeout" : "WarmupFailed", { drain: null }),
    { kind: "recordMetric", metric: "warmupFailures", value: 1, labels: { reason }, about: instance },
    emitEvent("Warning", "WarmupFailed", text, instance),
  ];
};
