import { STANDBY_RESET } from "../../model/instance-record.ts";
import { leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { type Action, completeTransition, emitEvent, latestBoot } from "../actions.ts";
import { failWarmup } from "../fail-warmup.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";
import { type WarmupOutcome, warmupOutcome } from "../warmup-outcome.ts";

/** The instance is off, so an image that is missing now stays missing. */
const failureOf = (outcome: WarmupOutcome): (WarmupOutcome & { kind: "failed" }) | undefined => {
  if (outcome.kind === "failed") return outcome;
  if (outcome.kind === "succeeded" || outcome.required.length === 0) return undefined;
  const message = `it lacks ${outcome.required.join(", ")}`;
  return { kind: "failed", reason: "ImageMissing", message };
};

const completeWarmup = (instance: Instance<"warmup">, view: PoolView): Action[] => {
  const { spec, now, warmupFailures } = view;
  const { record, node, pods } = instance;
  if (!node) return [];
  const stranded = leavingPods(pods);
  const ended = stranded.length > 0 ? `, and ${stranded.map(podName).join(", ")} ended with its warmup` : "";
  return [
    // They no longer run, and no kubelet will report it.
    ...(stranded.length > 0 ? [{ kind: "deletePods", instance, pods: stranded, force: true } as const] : []),
    completeTransition(instance, "standby", "WarmupCompleted", {
      ...STANDBY_RESET,
      ...latestBoot(instance),
      nodeName: node.metadata.name,
      timedOutAt: null,
      warmedAt: now,
    }),
    {
      kind: "recordMetric",
      metric: "warmupDuration",
      value: now - record.stateSince,
      labels: { mode: spec.preWarm.completionMode },
      about: instance,
    },
    ...(warmupFailures ? [{ kind: "recordWarmupFailures", failures: undefined } as const] : []),
    emitEvent("Normal", "WarmupCompleted", `${record.instanceId} (${node.metadata.name}) is standby${ended}`, instance),
  ];
};

/** A warming instance that has stopped becomes standby if its node and images are there; otherwise it is replaced. */
export const finishWarmup: Rule = (view) =>
  view.instances.warmup.flatMap((instance): Action[] => {
    if (instance.ec2?.state !== "stopped") return [];
    const failure = failureOf(warmupOutcome(instance, view.spec));
    return failure ? failWarmup(instance, failure, view) : completeWarmup(instance, view);
  });
