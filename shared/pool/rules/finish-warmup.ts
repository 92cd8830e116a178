import { ANNOTATION } from "../../model/names.ts";
import { rfc3339 } from "../../model/time.ts";
import { type Action, settle, tell } from "../actions.ts";
import { shapeFor } from "../desired-node.ts";
import { failWarmup } from "../fail-warmup.ts";
import type { Instance, PoolView, Rule } from "../view.ts";
import { type WarmupOutcome, warmupOutcome } from "../warmup-outcome.ts";

/** The instance is off: what is missing by now does not come any more. */
const failureOf = (outcome: WarmupOutcome, { spec }: PoolView): (WarmupOutcome & { kind: "failed" }) | undefined => {
  if (outcome.kind === "failed") return outcome;
  if (outcome.kind === "succeeded" || spec.preWarm.imagePullPolicy === "BestEffort") return undefined;
  const message = `it lacks ${outcome.images.join(", ")}`;
  return { kind: "failed", reason: "ImageMissing", message };
};

const completeWarmup = (instance: Instance<"warmup">, view: PoolView): Action[] => {
  const { name, spec, now, warmupTrouble } = view;
  const { record, ec2, node } = instance;
  if (!node) return [];
  const shape = shapeFor(name, spec, record, "standby", now);
  return [
    {
      kind: "shapeNode",
      instance,
      node,
      shape: { ...shape, annotations: { ...shape.annotations, [ANNOTATION.warmupCompleted]: rfc3339(now) } },
    },
    settle(instance, "standby", "WarmupCompleted", {
      launchTime: ec2?.launchTime,
      nodeName: node.metadata.name,
      timedOutAt: null,
      warmedAt: now,
    }),
    {
      kind: "measure",
      metric: "warmupDuration",
      value: now - record.stateSince,
      labels: { mode: spec.preWarm.completionMode },
    },
    ...(warmupTrouble ? [{ kind: "rememberTrouble", trouble: undefined } as const] : []),
    tell("Normal", "WarmupCompleted", `${record.instanceId} (${node.metadata.name}) is standby`),
  ];
};

/** A warmup that ended in `stopped` becomes standby, if node and images are there; else the instance is replaced. */
export const finishWarmup: Rule = (view) =>
  view.instances.warmup.flatMap((instance): Action[] => {
    if (instance.ec2?.state !== "stopped") return [];
    const failure = failureOf(warmupOutcome(instance, view.spec), view);
    return failure ? failWarmup(instance, failure, view) : completeWarmup(instance, view);
  });
