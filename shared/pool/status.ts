/** The NodePool's status, as a reconcile writes it at its end. */
import { isStarting } from "../model/instance-record.ts";
import { withTransitionTime } from "../model/kubernetes/conditions.ts";
import type { Condition } from "../model/kubernetes/objects.ts";
import { rfc3339 } from "../model/time.ts";
import { driftedStandby } from "./drift.ts";
import { hasOtherNodes, MAX_STANDBY_PERCENT, standbyShares } from "./standby-share.ts";
import { desiredStandby, usableStandby } from "./standby-target.ts";
import { allInstances, type PoolView } from "./view.ts";
import { currentFailures, launchBackoffUntil } from "./warmup-backoff.ts";

export type DegradedReason =
  | "ValidationFailed"
  | "NodeClassNotFound"
  | "NodeClassNotReady"
  | "CloudProviderError"
  | "ClusterError"
  | "InsufficientCapacity"
  | "AtCapacity"
  | "WarmupFailing"
  | "StartFailing";

/** What failed in this reconcile; shown until one succeeds. */
export interface Problem {
  readonly reason: DegradedReason;
  readonly message: string;
}

interface StatusCondition extends Condition {
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

export interface PoolStatus {
  readonly observedGeneration: number;
  /** The newest generation that has had the standby it desires; null if none has. */
  readonly readyGeneration: number | null;
  readonly conditions: readonly StatusCondition[];
  readonly warmup: number;
  readonly standby: number;
  readonly running: number;
  readonly stopping: number;
  readonly total: number;
  readonly desiredStandby: number;
  /** Demand writes these two; here they are as they were observed. */
  readonly pendingPods: number;
  readonly unservedPods: number;
  /** The reason of the condition Degraded, for a column of `kubectl get`; null removes it. */
  readonly degradedReason: string | null;
  readonly stale: number;
  readonly lastReconcileTime: string;
  /** The plan of a dry run; null removes it once the dry run is over. */
  readonly plan: readonly string[] | null;
}

type Verdict = Pick<Condition, "type" | "reason" | "message"> & { readonly status: boolean };

/** A pool that is being deleted has no target. */
const standbyTarget = (view: PoolView): number => (view.deleting ? 0 : desiredStandby(view));

const standbyAvailability = (view: PoolView) => {
  const standby = usableStandby(view).length;
  const target = standbyTarget(view);
  const status = standby >= target;
  const reason = status ? "StandbyAvailable" : "StandbyBelowTarget";
  return { type: "StandbyAvailable", status, reason, message: `${standby} standby, ${target} desired` };
};

/** The newest generation whose target was reached, whatever has happened since. */
const readyGeneration = (view: PoolView): number | undefined =>
  standbyAvailability(view).status ? view.generation : view.readyGeneration;

/** Once a generation's target was reached, it stays True while standby is used and replenished. The reason says what is done about missing standby. */
const readiness = (view: PoolView): Verdict => {
  const type = "Ready";
  if (view.deleting) return { type, status: false, reason: "Deleting", message: "the pool is being deleted" };
  const problem = nodeClassProblem(view);
  if (problem) return { type, status: false, ...problem };
  const available = standbyAvailability(view);
  if (available.status) return { ...available, type };
  const status = readyGeneration(view) === view.generation;
  const paused = pausedCondition(view);
  const reason = paused.status ? paused.reason : status ? "Replenishing" : "Warming";
  return { ...available, type, status, reason };
};

const nodeClassProblem = ({ nodeClass, spec, deleting }: PoolView): Problem | undefined => {
  if (deleting) return undefined;
  const { name } = spec.template.nodeClassRef;
  switch (nodeClass.kind) {
    case "missing":
      return { reason: "NodeClassNotFound", message: `AWSNodeClass ${name} does not exist` };
    case "notReady":
      return { reason: "NodeClassNotReady", message: `AWSNodeClass ${name} is not ready: ${nodeClass.message}` };
    case "invalid":
      return { reason: "ValidationFailed", message: nodeClass.message };
    case "ready":
      return undefined;
  }
};

const warmupProblem = (view: PoolView): Problem | undefined => {
  const warmupFailures = currentFailures(view);
  if (!warmupFailures) return undefined;
  const { failures, reason, message } = warmupFailures;
  const again = `after ${failures} in a row the next launch is not before ${rfc3339(launchBackoffUntil(view))}`;
  return { reason: "WarmupFailing", message: `${reason}: ${message}; ${again}` };
};

/** An instance whose start failed may sleep for long before it is started again; until then its failure is no news. */
const START_FAILING_FOR_MS = 15 * 60_000;

const startProblem = (view: PoolView): Problem | undefined => {
  const failing = allInstances(view).filter(
    ({ record }) => record.startFailures && view.now - record.startFailures.at < START_FAILING_FOR_MS,
  );
  const [first, ...others] = failing;
  if (!first) return undefined;
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  return {
    reason: "StartFailing",
    message: `${first.record.instanceId}${more} did not start: ${first.record.startFailures?.message}`,
  };
};

const capacityProblem = (view: PoolView): Problem | undefined => {
  const { running, warmup } = view.instances;
  const { unserved } = view.pending;
  const full = allInstances(view).length >= view.spec.poolSize;
  const nothingLeft = running.length > 0 && usableStandby(view).length === 0 && warmup.length === 0;
  if (unserved === 0 || !full || !nothingLeft) return undefined;
  const waiting = unserved === 1 ? "1 pod waits" : `${unserved} pods wait`;
  const message = `${waiting}, and every instance that spec.poolSize (${view.spec.poolSize}) allows is in use; raise spec.poolSize`;
  return { reason: "AtCapacity", message };
};

/** Instances that EC2 refuses to terminate. */
const cleanupProblem = ({ instances }: PoolView): Problem | undefined => {
  const [first, ...others] = instances.terminating.filter(({ record }) => record.refusal !== undefined);
  if (!first) return undefined;
  const more = others.length > 0 ? `, and ${others.length} more` : "";
  const { instanceId, refusal } = first.record;
  return { reason: "CloudProviderError", message: `${instanceId} cannot be terminated${more}: ${refusal?.message}` };
};

/** What keeps the pool from its target; `problem` is what failed in this reconcile. */
export const degradationOf = (view: PoolView, problem?: Problem): Problem | undefined =>
  nodeClassProblem(view) ??
  problem ??
  warmupProblem(view) ??
  startProblem(view) ??
  cleanupProblem(view) ??
  capacityProblem(view);

const degradation = (found: Problem | undefined): Verdict =>
  found
    ? { type: "Degraded", status: true, ...found }
    : { type: "Degraded", status: false, reason: "AsExpected", message: "nothing keeps the pool from its target" };

const progress = (type: string, count: number, doing: string): Verdict => ({
  type,
  status: count > 0,
  reason: count > 0 ? "InProgress" : "Settled",
  message: `${count > 0 ? count : "no"} ${doing}`,
});

const pausedCondition = ({ spec, deleting }: PoolView): Verdict => {
  const type = "Paused";
  if (deleting)
    return { type, status: false, reason: "Deleting", message: "a pool that is being deleted is not paused" };
  if (spec.dryRun)
    return { type, status: true, reason: "DryRun", message: "nothing is carried out; status.plan shows what would be" };
  if (spec.paused)
    return { type, status: true, reason: "Paused", message: "nothing new begins; what is under way is finished" };
  return { type, status: false, reason: "Active", message: "the pool is neither paused nor a dry run" };
};

const standbyShare = (view: PoolView): Verdict => {
  const type = "StandbyShareHigh";
  const [fullest] = standbyShares(view);
  if (!fullest || fullest.percent <= MAX_STANDBY_PERCENT)
    return { type, status: false, reason: "AsExpected", message: `at most ${MAX_STANDBY_PERCENT} % of a zone's nodes` };
  if (!hasOtherNodes(view))
    return { type, status: false, reason: "AsExpected", message: "the cluster has no nodes besides those of pools" };
  const { zone, nodes, standby } = fullest;
  const found = `${standby} of ${nodes} nodes in ${zone} are standby and therefore not Ready`;
  const effect = `above ${MAX_STANDBY_PERCENT} % the failover of that zone by the cluster itself is at risk`;
  return {
    type,
    status: true,
    reason: "ZoneAtRisk",
    message: `${found}; ${effect}; spec.standby.nodeObject: Delete helps`,
  };
};

const verdicts = (view: PoolView, problem: Problem | undefined): readonly Verdict[] => {
  const { warmup, running, stopping, terminating } = view.instances;
  const starting = running.filter(({ record }) => isStarting(record));
  return [
    readiness(view),
    standbyAvailability(view),
    degradation(degradationOf(view, problem)),
    progress("Reconciling", warmup.length + stopping.length + terminating.length, "instances changing state"),
    progress("ScaleUpInProgress", starting.length, "nodes starting"),
    progress("ScaleDownInProgress", stopping.length, "nodes stopping"),
    standbyShare(view),
    pausedCondition(view),
  ];
};

/** The API server's limit for a condition's message; ours may quote nodes and EC2. */
const MAX_MESSAGE = 32_768;

const toCondition = (verdict: Verdict, { conditions, generation, now }: PoolView): StatusCondition => {
  const condition = {
    type: verdict.type,
    status: verdict.status ? "True" : "False",
    reason: verdict.reason ?? "",
    message: (verdict.message ?? "").slice(0, MAX_MESSAGE),
    observedGeneration: generation,
  };
  const previous = conditions.find(({ type }) => type === verdict.type);
  return withTransitionTime(condition, previous, now);
};

/** `plan`: the decisions of a dry run, in words. */
export const statusOf = (view: PoolView, problem?: Problem, plan?: readonly string[]): PoolStatus => ({
  observedGeneration: view.generation,
  readyGeneration: readyGeneration(view) ?? null,
  conditions: verdicts(view, problem).map((verdict) => toCondition(verdict, view)),
  warmup: view.instances.warmup.length,
  standby: usableStandby(view).length,
  running: view.instances.running.length,
  stopping: view.instances.stopping.length,
  total: allInstances(view).length,
  desiredStandby: standbyTarget(view),
  pendingPods: view.pending.count,
  unservedPods: view.pending.unserved,
  degradedReason: degradationOf(view, problem)?.reason ?? null,
  stale: driftedStandby(view).length,
  lastReconcileTime: rfc3339(view.now),
  plan: plan ?? null,
});
