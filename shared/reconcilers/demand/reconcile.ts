/** The demand reconciler, the hot path: pods that found no node → standby instances to start. */
import { planDemand } from "../../demand/plan-demand.ts";
import type { KeyLease, Reconcile, ReconcileResult } from "../../queue/types.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { recordZoneDemand } from "../record-zone-demand.ts";
import { createObserveDemand, type ObserveDemand } from "./observe.ts";
import { reportShortages, reportStarts } from "./report-starts.ts";
import { createUnschedulableReporter } from "./report-unschedulable.ts";
import { requestLaunches } from "./request-launches.ts";
import { startDecided } from "./start.ts";

/** While pods stay unserved they are looked at again this often, whatever events come. */
const LOOK_AGAIN_MS = 15_000;
/** The first choice of places and two others; what finds no capacity there waits for the next look. */
const MAX_ROUNDS = 3;

/** Made once for a function's life: what changes seldom is not read each time, and what was told is not told each time. */
interface Parts {
  readonly ports: ReconcilerPorts;
  readonly observe: ObserveDemand;
  readonly reportUnschedulable: ReturnType<typeof createUnschedulableReporter>;
}

/** `again`: something could not be started and may be elsewhere. */
const round = async (
  { ports, observe, reportUnschedulable }: Parts,
  lease: KeyLease,
  unable: Set<string>,
  failures: unknown[],
): Promise<"served" | "again" | "nothing"> => {
  const cluster = lease.key;
  const observed = await observe(cluster, lease.now(), unable);
  if (!observed) return "nothing";
  const plan = planDemand(observed.view);
  const started = await startDecided(ports, lease, observed.view, plan);
  for (const id of started.unable) unable.add(id);
  failures.push(...started.failures);
  await requestLaunches(ports, lease, observed, plan);
  // The pool takes it from here: readiness, replenishment, and what a failed start left behind.
  const pools = [...plan.starts, ...plan.launches, ...plan.short].map(({ pool }) => `${cluster}/${pool}`);
  await ports.wakeQueue.enqueue("pool", [...new Set(pools)]);
  for (const { pool, records } of started.decided) {
    const zones = records.map(({ zone }) => zone);
    await recordZoneDemand(ports, { cluster, pool: pool.name }, zones, lease.now());
  }
  await reportStarts(ports, cluster, started.decided, lease.now());
  await reportShortages(ports, cluster, started.shortages, lease.now());
  await reportUnschedulable(cluster, plan.unschedulable, lease.now());
  return started.shortages.length > 0 || started.unable.length > 0 ? "again" : "served";
};

/**
 * Where instances could not be started, it decides anew without them and their places: so another zone or type is next, then
 * what the pool can launch, then time.
 */
const reconcileDemand = async (parts: Parts, lease: KeyLease): Promise<ReconcileResult> => {
  const failures: unknown[] = [];
  const unable = new Set<string>();
  for (let count = 1; count <= MAX_ROUNDS; count += 1) {
    const result = await round(parts, lease, unable, failures);
    if (result === "nothing" && failures.length === 0) return {};
    if (result !== "again") break;
  }
  if (failures.length > 0) {
    const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
    throw new AggregateError(failures, `demand of ${lease.key}: ${reasons.join("; ")}`);
  }
  return { requeueAt: lease.now() + LOOK_AGAIN_MS };
};

export const createDemandReconcile = (ports: ReconcilerPorts): Reconcile => {
  const parts: Parts = {
    ports,
    observe: createObserveDemand(ports),
    reportUnschedulable: createUnschedulableReporter(ports),
  };
  return (lease) => reconcileDemand(parts, lease);
};
