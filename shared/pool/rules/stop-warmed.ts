import { isDraining } from "../../model/instance-record.ts";
import { isReady } from "../../model/kubernetes/objects.ts";
import { ANNOTATION } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import { endWarmup } from "../end-warmup.ts";
import { failWarmup } from "../fail-warmup.ts";
import { networkNotReady, networkState } from "../network-ready.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";
import { type WarmupOutcome, warmupOutcome } from "../warmup-outcome.ts";

const LOOK_AGAIN_MS = 10_000;

/** Images that are not required are waited for as well, but for no longer than half of the timeout. */
const waitsForImages = (outcome: WarmupOutcome, { record }: Instance, { spec, now }: PoolView): boolean =>
  outcome.kind === "missing" && (outcome.required.length > 0 || now - record.stateSince < spec.preWarm.timeoutMs / 2);

/** The script of a template does more than kubelet can report, so the script itself reports when it is done. */
const isStillWarming = ({ node }: Instance, { nodeClass }: PoolView): boolean => {
  const source = nodeClass.kind === "ready" ? nodeClass.launch.userDataSource : undefined;
  const reports = source !== undefined && "template" in source && source.template !== "Bottlerocket";
  return reports && node?.metadata.annotations?.[ANNOTATION.warmupOutcome] === undefined;
};

const stopOne = (instance: Instance<"warmup">, view: PoolView): Action[] => {
  const { record, ec2, node } = instance;
  if (ec2?.state !== "running" || !node || !isReady(node) || isDraining(record)) return [];
  const network = networkState(instance, view);
  if (!network) return [];
  if (network.kind === "pending") return [{ kind: "requeueAt", at: network.until }];
  const outcome = warmupOutcome(instance, view.spec);
  if (outcome.kind === "failed") return failWarmup(instance, outcome, view);
  // No event reports a pulled image.
  if (isStillWarming(instance, view) || waitsForImages(outcome, instance, view))
    return [{ kind: "requeueAt", at: view.now + LOOK_AGAIN_MS }];
  return [
    ...endWarmup(instance, view.now, false),
    ...(network.kind === "timedOut" ? [networkNotReady(instance, "its warmup ended anyway")] : []),
  ];
};

/** With `ControllerStop`, where nothing on the node powers it off, stops the instance once node, network and images are ready. */
export const stopWarmed: Rule = (view) =>
  view.spec.preWarm.completionMode === "ControllerStop"
    ? view.instances.warmup.flatMap((instance) => stopOne(instance, view))
    : [];
