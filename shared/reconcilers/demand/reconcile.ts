/** The demand reconciler, the hot path: starts standby instances for unschedulable pods. */
import { planDemand } from "../../demand/plan-demand.ts";
import { paths } from "../../kube/paths.ts";
import type { NodePool } from "../../model/api/types.ts";
import { objectKey } from "../../model/keys.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { KeyLease, Reconcile, ReconcileResult } from "../../queue/types.ts";
import { throwIfAny } from "../failures.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { recordZoneDemand } from "../record-zone-demand.ts";
import { createObserveDemand, type ObserveDemand } from "./observe.ts";
import { recordAssignments } from "./record-assignments.ts";
import { recordBackoffs } from "./record-backoffs.ts";
import { createAtCapacityReporter } from "./report-at-capacity.ts";
import { reportNodeStarting } from "./report-node-starting.ts";
import { createOnHoldReporter } from "./report-on-hold.ts";
import { reportRefusedResizes, reportShortages, reportStarts } from "./report-starts.ts";
import { createUnschedulableReporter } from "./report-unschedulable.ts";
import { requestLaunches, withdrawLaunches } from "./request-launches.ts";
import { executeStarts } from "./start.ts";
import { writePending } from "./write-pending.ts";

/** Demand is reconciled at least this often while there are pods without a node, whatever events arrive. */
const REQUEUE_AFTER_MS = 15_000;
/** The first choice of offerings, another one, another type, and launches; what finds no capacity in these rounds waits for the next reconcile. */
const MAX_ROUNDS = 4;

/** Created once per process: caches what rarely changes, and remembers which pods were reported. */
interface Components {
  readonly ports: ReconcilerPorts;
  readonly observe: ObserveDemand;
  readonly reportUnschedulable: ReturnType<typeof createUnschedulableReporter>;
  readonly reportAtCapacity: ReturnType<typeof createAtCapacityReporter>;
  readonly reportOnHold: ReturnType<typeof createOnHoldReporter>;
}

/** `again`: some instances could not be started, and another offering may do. */
const round = async (
  { ports, observe, reportUnschedulable, reportAtCapacity, reportOnHold }: Components,
  lease: KeyLease,
  unstartable: Set<string>,
  failures: unknown[],
): Promise<"served" | "again" | "nothing"> => {
  const cluster = lease.key;
  const observed = await observe(cluster, lease.now(), unstartable);
  if (!observed) {
    const kube = await ports.kube(cluster);
    const pools = await kube.list<NodePool>(paths.nodePools());
    await withdrawLaunches(ports, lease, pools);
    await writePending(ports, lease, pools, []);
    return "nothing";
  }
  const plan = planDemand(observed.view);
  const result = await executeStarts(ports, lease, observed.view, plan);
  for (const id of result.unstartable) unstartable.add(id);
  failures.push(...result.failures);
  await requestLaunches(ports, lease, observed, plan);
  // The pool reconciler continues: readiness, replenishment, launches, and the cleanup after failed starts.
  const pools = [...plan.starts, ...plan.launches].map(({ pool }) => objectKey(cluster, pool));
  await ports.wakeQueue.enqueue("pool", [...new Set(pools)]);
  for (const { pool, records } of result.started) {
    const zones = records.map(({ zone }) => zone);
    await recordZoneDemand(ports, { cluster, pool: pool.name }, zones, lease.now());
  }
  await reportStarts(ports, cluster, result.started, lease.now());
  await reportNodeStarting(ports, cluster, result.started, lease.now());
  await reportShortages(ports, cluster, result.shortages, lease.now());
  await reportRefusedResizes(ports, cluster, result.refusedResizes, lease.now());
  failures.push(...(await recordAssignments(ports, lease, observed.view, plan)));
  failures.push(...(await recordBackoffs(ports, lease, plan.backoffs)));
  const unschedulable = plan.unschedulable.filter(({ pod }) => !observed.displaced.has(podName(pod)));
  await reportUnschedulable(cluster, unschedulable, lease.now());
  await reportAtCapacity(cluster, observed.view.pools, plan, lease.now());
  await reportOnHold(cluster, observed.view.pools, lease.now());
  await writePending(ports, lease, observed.nodePools, plan.pending);
  // For pods on nodes on hold there is nothing to do again soon: the forwarder's events are enough to see that they are released.
  if (observed.view.pods.length === 0 && plan.starts.length === 0) return "nothing";
  return result.shortages.length > 0 || result.unstartable.length > 0 ? "again" : "served";
};

/**
 * If instances could not be started, decides again without them and their offerings: another zone or type comes next, then launches. What is
 * still unserved then waits for the next reconcile.
 */
const reconcileDemand = async (components: Components, lease: KeyLease): Promise<ReconcileResult> => {
  const failures: unknown[] = [];
  const unstartable = new Set<string>();
  for (let count = 1; count <= MAX_ROUNDS; count += 1) {
    const result = await round(components, lease, unstartable, failures);
    if (result === "nothing" && failures.length === 0) return {};
    if (result !== "again") break;
  }
  throwIfAny(failures, `demand of ${lease.key}`);
  return { requeueAt: lease.now() + REQUEUE_AFTER_MS };
};

export const createDemandReconcile = (ports: ReconcilerPorts): Reconcile => {
  const components: Components = {
    ports,
    observe: createObserveDemand(ports),
    reportUnschedulable: createUnschedulableReporter(ports),
    reportAtCapacity: createAtCapacityReporter(ports),
    reportOnHold: createOnHoldReporter(ports),
  };
  return (lease) => reconcileDemand(components, lease);
};
