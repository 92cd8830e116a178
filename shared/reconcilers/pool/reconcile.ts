/** The pool reconciler: the whole life of a pool's instances except their start for demand. */

import { paths } from "../../kube/paths.ts";
import type { NodePool } from "../../model/api/types.ts";
import { objectKey, type PoolKey, parsePoolKey } from "../../model/keys.ts";
import { FINALIZER } from "../../model/names.ts";
import type { Action } from "../../pool/actions.ts";
import { describeActions } from "../../pool/describe-actions.ts";
import { plan } from "../../pool/plan.ts";
import { type Problem, statusOf } from "../../pool/status.ts";
import type { PoolView } from "../../pool/view.ts";
import type { KeyLease, Reconcile, ReconcileResult } from "../../queue/types.ts";
import { createDaemonSetsOf, type DaemonSetsOf } from "../caches/daemon-sets.ts";
import { throwIfAny } from "../failures.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { recordLevels } from "../record-levels.ts";
import { statusPatch } from "../status-patch.ts";
import { execute } from "./execute.ts";
import { type ObservedPool, observePool } from "./observe.ts";
import { type Execution, newProgress } from "./progress.ts";
import { reportUnreadable } from "./report-unreadable.ts";

/** What one round changed is observed again at once; a chain of transitions is shorter than this. */
const MAX_ROUNDS = 4;

/** Only a change of the spec helps, and that wakes the pool. */
const UNREADABLE_REQUEUE_MS = 5 * 60_000;

/** A status in which nothing else changes is written this often: its time shows that the pool is looked at. */
const REWRITE_MS = 5 * 60_000;

/** The node class counts the pools that refer to it and can be deleted only when there are none. */
const wakeClass = (ports: ReconcilerPorts, { cluster, spec }: PoolView): Promise<void> =>
  ports.wakeQueue.enqueue("nodeclass", [objectKey(cluster, spec.template.nodeClassRef.name)]);

/** Adds the finalizer before the first launch, so that a deleted pool cannot leave instances behind. */
const ensureFinalizer = async (ports: ReconcilerPorts, view: PoolView, pool: NodePool): Promise<void> => {
  if (view.deleting || view.finalizers.includes(FINALIZER.nodePool)) return;
  const kube = await ports.kube(view.cluster);
  const patched = await kube.patch(paths.nodePool(view.name), "merge", {
    metadata: {
      resourceVersion: pool.metadata.resourceVersion,
      finalizers: [...view.finalizers, FINALIZER.nodePool],
    },
  });
  if (!patched) throw new Error(`NodePool ${view.cluster}/${view.name} was deleted before it had its finalizer`);
  await wakeClass(ports, view);
};

const writeStatus = async (
  ports: ReconcilerPorts,
  { view, pool }: ObservedPool,
  problem?: Problem,
  dryRun?: readonly string[],
): Promise<void> => {
  const status = statusOf(view, problem, dryRun);
  const changed = statusPatch(pool?.status ?? {}, status);
  const writtenAt = Date.parse(pool?.status?.lastReconcileTime ?? "") || 0;
  if (Object.keys(changed).some((field) => field !== "lastReconcileTime") || view.now - writtenAt >= REWRITE_MS) {
    const kube = await ports.kube(view.cluster);
    await kube.patch(paths.nodePoolStatus(view.name), "merge", { status: changed });
  }
  recordLevels(ports.telemetry, { cluster: view.cluster, pool: view.name }, status);
  const dimensions = { Cluster: view.cluster, Pool: view.name };
  const { warmup, standby, running, stopping } = status;
  for (const [state, count] of Object.entries({ warmup, standby, running, stopping })) {
    ports.telemetry.recordMetric("nodes", count, dimensions, { state });
  }
  ports.telemetry.recordMetric("desiredStandby", status.desiredStandby, dimensions);
  ports.telemetry.recordMetric("poolSize", view.spec.poolSize, dimensions);
};

/** Wakes demand for pods that wait for an instance which was launched for them and had to become standby first. */
const wakeDemand = async (ports: ReconcilerPorts, { cluster }: PoolView, actions: readonly Action[]): Promise<void> => {
  const ready = actions.some(
    (action) =>
      action.kind === "completeTransition" && action.to === "standby" && action.instance.record.overflow === "warmUp",
  );
  if (ready) await ports.wakeQueue.enqueue("demand", [cluster]);
};

/** A notice may have come for an instance whose record was still in the index. */
const forgetSpotNotices = async ({ spotNotices }: ReconcilerPorts, { cluster, pool }: PoolKey): Promise<void> => {
  const left = (await spotNotices.read(cluster)).filter((notice) => notice.pool === pool);
  for (const { instanceId } of left) await spotNotices.remove(cluster, instanceId);
};

const reconcileRounds = async (
  ports: ReconcilerPorts,
  daemonSetsOf: DaemonSetsOf,
  key: PoolKey,
  lease: KeyLease,
): Promise<ReconcileResult> => {
  for (let round = 1; ; round += 1) {
    const observed = await observePool(ports, daemonSetsOf, key, lease.now());
    if (!observed) {
      // Demand may have recorded something after the finalizer was dropped.
      await ports.poolItems.deleteAll(key);
      await forgetSpotNotices(ports, key);
      return { isGone: true };
    }
    if ("problem" in observed) {
      await reportUnreadable(ports, key, observed, lease.now());
      return { requeueAt: lease.now() + UNREADABLE_REQUEUE_MS };
    }
    const { view, pool } = observed;
    const next = view.now + view.spec.reconciliationIntervalMs;
    if (view.spec.dryRun && !view.deleting) {
      await writeStatus(ports, observed, undefined, describeActions(plan(view)));
      return { requeueAt: next };
    }
    if (pool) await ensureFinalizer(ports, view, pool);
    const progress = newProgress();
    const execution: Execution = { ports, view, progress, assertHeld: () => lease.assertHeld() };
    const actions = plan(view);
    const { requeueAt } = await execute(execution, actions);
    await wakeDemand(ports, view, actions);
    const finished = actions.some(({ kind }) => kind === "dropFinalizer");
    const hasMore = progress.moved || progress.raced.length > 0;
    if (hasMore && progress.failures.length === 0 && round < MAX_ROUNDS) continue;
    if (pool && !finished) await writeStatus(ports, observed, progress.problem);
    throwIfAny(progress.failures, `reconciling pool ${view.cluster}/${view.name}`);
    if (finished && pool) await wakeClass(ports, view);
    if (finished) return { isGone: true };
    return { requeueAt: progress.moved ? view.now : Math.min(requeueAt ?? next, next) };
  }
};

export const createPoolReconcile = (ports: ReconcilerPorts): Reconcile => {
  const daemonSetsOf = createDaemonSetsOf(ports);
  return (lease) => reconcileRounds(ports, daemonSetsOf, parsePoolKey(lease.key), lease);
};
