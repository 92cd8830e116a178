/** The demand reconciler, the hot path: pods that found no node → standby instances to start. */
import { isCapacityError } from "../../aws/errors.ts";
import type { DemandPlan, PoolStart } from "../../demand/plan.ts";
import { planDemand } from "../../demand/plan-demand.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { shapeFor } from "../../pool/node-shape.ts";
import type { InstanceRecord } from "../../pool/view.ts";
import type { Reconcile, Turn, TurnOutcome } from "../../queue/types.ts";
import { inParallel } from "../in-parallel.ts";
import { shapeNode } from "../pool/nodes.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { tellPool } from "../tell-pool.ts";
import { observeDemand } from "./observe.ts";

const CALLS_AT_ONCE = 20;
/** While pods stay unserved they are looked at again this often, whatever events come. */
const LOOK_AGAIN_MS = 15_000;

interface Decided {
  readonly pool: DemandPool;
  readonly start: PoolStart;
  readonly records: readonly InstanceRecord[];
}

/** Records the decision; a slot that someone else moved meanwhile is left out, and demand looks again. */
const recordStart = async (ports: ReconcilerPorts, turn: Turn, start: PoolStart) => {
  const cluster = turn.key;
  const now = turn.now();
  const records: InstanceRecord[] = [];
  const failures = await inParallel(start.records, CALLS_AT_ONCE, async (record) => {
    turn.assertHeld();
    const moved = await ports.slots.write({ cluster, pool: start.pool }, record, {
      move: { to: "running", reason: "Demand", now },
      set: { startedAt: now, demandSince: start.demandSince, readyAt: null, emptySince: null },
    });
    if (moved) records.push(moved);
  });
  return { records, failures };
};

/** A whole call fails for one zone without capacity, so each (zone, type) has its own. */
const byZoneAndType = (decided: readonly Decided[]): readonly (readonly InstanceRecord[])[] => [
  ...Map.groupBy(
    decided.flatMap(({ records }) => records),
    ({ zone, instanceType }) => `${zone} ${instanceType}`,
  ).values(),
];

const callStarts = async (ports: ReconcilerPorts, turn: Turn, decided: readonly Decided[]): Promise<unknown[]> =>
  inParallel(byZoneAndType(decided), CALLS_AT_ONCE, async (group) => {
    turn.assertHeld();
    const ids = group.flatMap(({ instanceId }) => instanceId ?? []);
    try {
      await ports.ec2.startInstances(ids);
    } catch (cause) {
      const { zone, instanceType } = group[0] ?? {};
      const reason = isCapacityError(cause) ? "no capacity" : String(cause);
      throw new Error(`starting ${ids.join(", ")} (${instanceType} in ${zone}): ${reason}`, { cause });
    }
  });

/** Uncordons while the instance boots, so that pods bind the moment its node is Ready. */
const uncordon = async (ports: ReconcilerPorts, cluster: string, decided: readonly Decided[]): Promise<unknown[]> => {
  const nodes = decided.flatMap(({ pool, records }) =>
    records.flatMap((record) => {
      const node = record.nodeName === undefined ? undefined : pool.nodes.get(record.nodeName);
      return node ? [{ pool, record, node }] : [];
    }),
  );
  return inParallel(nodes, CALLS_AT_ONCE, ({ pool, record, node }) =>
    shapeNode(ports, cluster, node, shapeFor(pool.name, pool.spec, record, "running", record.stateSince)),
  );
};

const tellStarts = async (ports: ReconcilerPorts, cluster: string, decided: readonly Decided[], now: number) => {
  const kube = await ports.kube(cluster);
  for (const { pool, start, records } of decided) {
    const message = `starting ${records.map(({ nodeName, instanceId }) => nodeName ?? instanceId).join(", ")} for ${start.podCount} pods`;
    ports.telemetry.measure("scaleUps", records.length, { Cluster: cluster, Pool: start.pool });
    const news = { cluster, pool: start.pool, uid: pool.uid, type: "Normal", reason: "ScaleUp", message, now } as const;
    await tellPool(kube, ports.telemetry, news);
  }
};

const tellUnmatched = ({ telemetry }: ReconcilerPorts, cluster: string, { unmatched }: DemandPlan) => {
  for (const { pod, reasons } of unmatched) {
    const { namespace, name } = pod.metadata;
    telemetry.log.info("no pool can run this pod", { cluster, pod: `${namespace}/${name}`, reasons });
  }
};

/** What could be recorded is started, whatever else could not. */
const decide = async (ports: ReconcilerPorts, turn: Turn, view: DemandView, plan: DemandPlan) => {
  const decided: Decided[] = [];
  const failures: unknown[] = [];
  for (const start of plan.starts) {
    const pool = view.pools.find(({ name }) => name === start.pool);
    if (!pool) continue;
    const recorded = await recordStart(ports, turn, start);
    failures.push(...recorded.failures);
    if (recorded.records.length > 0) decided.push({ pool, start, records: recorded.records });
  }
  return { decided, failures };
};

const reconcileDemand = async (ports: ReconcilerPorts, turn: Turn): Promise<TurnOutcome> => {
  const cluster = turn.key;
  const view = await observeDemand(ports, cluster, turn.now());
  if (!view) return {};
  const plan = planDemand(view);
  const { decided, failures } = await decide(ports, turn, view, plan);
  failures.push(...(await callStarts(ports, turn, decided)));
  failures.push(...(await uncordon(ports, cluster, decided)));
  // The pool takes it from here: readiness, replenishment, and what a failed start left behind.
  const pools = new Set([...decided.map(({ pool }) => pool.name), ...plan.short.map(({ pool }) => pool)]);
  await ports.waker.wake(
    "pool",
    [...pools].map((pool) => `${cluster}/${pool}`),
  );
  await tellStarts(ports, cluster, decided, turn.now());
  tellUnmatched(ports, cluster, plan);
  if (failures.length > 0) {
    const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
    throw new AggregateError(failures, `demand of ${cluster}: ${reasons.join("; ")}`);
  }
  return { wakeAt: turn.now() + LOOK_AGAIN_MS };
};

export const createDemandReconcile =
  (ports: ReconcilerPorts): Reconcile =>
  (turn) =>
    reconcileDemand(ports, turn);
