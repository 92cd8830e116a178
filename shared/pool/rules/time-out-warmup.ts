import { isDraining } from "../../model/instance-record.ts";
import { type Action, emitEvent } from "../actions.ts";
import { endWarmup } from "../end-warmup.ts";
import { failWarmup } from "../fail-warmup.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";
import { consoleCommand } from "../warmup-outcome.ts";

/** A guest that hangs while it shuts down gets this much time beyond the timeout before it is stopped by force. */
const SHUTDOWN_MS = 5 * 60_000;

/** Reported and counted once, however often the stop is repeated. */
const announce = (instance: Instance<"warmup">, late: string, now: number): Action[] =>
  instance.record.timedOutAt !== undefined
    ? []
    : [
        { kind: "updateRecord", instance, set: { timedOutAt: now } },
        { kind: "recordMetric", metric: "warmupFailures", value: 1, labels: { reason: "Timeout" }, about: instance },
        emitEvent("Warning", "WarmupFailed", `${instance.record.instanceId} ${late}; stopping it`, instance),
      ];

const timeOut = (instance: Instance<"warmup">, view: PoolView): Action[] => {
  const { spec, now } = view;
  const late = `did not finish its warmup within ${spec.preWarm.timeoutMs / 1000} s`;
  const replace = (message: string) => failWarmup(instance, { reason: "Timeout", message }, view);
  if (!instance.node) return replace(`it ${late}, and its node never registered`);
  if (spec.preWarm.timeoutAction === "terminate") return replace(`it ${late}`);
  return [
    ...endWarmup(instance, now, true),
    ...announce(instance, `${late}; ${consoleCommand(instance.record.instanceId)}`, now),
  ];
};

/**
 * Ends a warmup that takes longer than `preWarm.timeout`: the instance is stopped if its node registered, otherwise replaced. Whether
 * it may become standby is decided when it is off, as for every warmup.
 */
export const timeOutWarmup: Rule = (view) =>
  view.instances.warmup.flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (record.instanceId === undefined || ec2?.state === "stopped") return [];
    const isStopping = ec2?.state === "stopping" || record.stopRequestedAt !== undefined;
    // Its drain ends by itself, as long as the instance does not power itself off meanwhile.
    if (isDraining(record) && !isStopping) return [];
    const due = record.stopRequestedAt ?? record.stateSince + view.spec.preWarm.timeoutMs;
    const deadline = due + (isStopping ? SHUTDOWN_MS : 0);
    return view.now < deadline ? [{ kind: "requeueAt", at: deadline }] : timeOut(instance, view);
  });
