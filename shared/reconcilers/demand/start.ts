/** Executes the starts of a plan: records first, then EC2, then nodes. */

import type { InstanceStart } from "../../capacity/plan-capacity.ts";
import type { DemandPlan } from "../../demand/plan.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { type InstanceRecord, isReclaimed, STANDBY_RESET } from "../../model/instance-record.ts";
import { desiredNode } from "../../pool/desired-node.ts";
import type { KeyLease } from "../../queue/types.ts";
import { applyNode } from "../apply-node.ts";
import type { ReconcilerPorts } from "../ports.ts";
import type { RefusedResize } from "../resize-instances.ts";
import { returnToStandby } from "../return-to-standby.ts";
import { type CapacityShortage, startInstances } from "../start-instances.ts";
import { type RecordedStart, recordStarts } from "./record-starts.ts";

const WRITES_AT_ONCE = 20;

/** The instance of a planned start. */
export interface PlannedInstance extends InstanceStart {
  readonly demandPool: DemandPool;
}

export interface Started {
  /** With only the records of instances that EC2 is starting, or that were reclaimed. */
  readonly started: readonly RecordedStart[];
  readonly shortages: readonly CapacityShortage<PlannedInstance>[];
  readonly refusedResizes: readonly RefusedResize<PlannedInstance>[];
  /** Ids of instances that cannot be started, for whatever reason. */
  readonly unstartable: readonly string[];
  readonly failures: readonly unknown[];
}

/** Uncordons nodes while their instances boot, so that pods bind as soon as the nodes are Ready. */
const uncordon = async (
  ports: ReconcilerPorts,
  cluster: string,
  started: readonly RecordedStart[],
): Promise<unknown[]> => {
  const nodes = started.flatMap(({ pool, records }) =>
    records.flatMap((record) => {
      const node = record.nodeName === undefined ? undefined : pool.nodes.get(record.nodeName);
      return node ? [{ pool, record, node }] : [];
    }),
  );
  return inParallel(nodes, WRITES_AT_ONCE, ({ pool, record, node }) =>
    applyNode(ports, cluster, node, desiredNode(pool.name, pool.spec, record)),
  );
};

const onlyRecords = (recorded: readonly RecordedStart[], kept: ReadonlySet<InstanceRecord>): RecordedStart[] =>
  recorded
    .map((one) => ({ ...one, records: one.records.filter((record) => kept.has(record)) }))
    .filter(({ records }) => records.length > 0);

/** Does not throw for a single instance or call: the result has the failures. */
export const executeStarts = async (
  ports: ReconcilerPorts,
  lease: KeyLease,
  view: DemandView,
  plan: DemandPlan,
): Promise<Started> => {
  const { recorded, failures } = await recordStarts(ports, lease, view, plan);
  const all = recorded.flatMap(({ pool, records }) =>
    records.map((record): PlannedInstance => ({ pool: pool.name, demandPool: pool, record })),
  );
  const { reclaimed = [], stopped = [] } = Object.groupBy(all, ({ record }) =>
    isReclaimed(record) ? "reclaimed" : "stopped",
  );
  const result = await startInstances(ports, lease.key, lease, stopped);
  const started = onlyRecords(recorded, new Set([...result.started, ...reclaimed].map(({ record }) => record)));
  const returned = result.unstartable.map(({ pool, record }) => ({
    pool,
    record,
    reason: "NotStartable" as const,
    set: STANDBY_RESET,
  }));
  return {
    started,
    shortages: result.shortages,
    refusedResizes: result.refusedResizes,
    unstartable: [...result.unstartable, ...result.refusedResizes.map(({ start }) => start)].flatMap(
      ({ record }) => record.instanceId ?? [],
    ),
    failures: [
      ...failures,
      ...result.failures,
      ...(await uncordon(ports, lease.key, started)),
      ...(await returnToStandby(ports, lease.key, lease, [], returned)),
    ],
  };
};
