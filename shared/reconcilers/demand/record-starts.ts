import type { DemandPlan, PlannedStart } from "../../demand/plan.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { type InstanceRecord, RECLAIMED } from "../../model/instance-record.ts";
import type { KeyLease } from "../../queue/types.ts";
import type { RecordWrite } from "../../state/slots-table.ts";
import { inParallel } from "../in-parallel.ts";
import type { ReconcilerPorts } from "../ports.ts";

const WRITES_AT_ONCE = 20;

/** A start of the plan, as far as it could be recorded. */
export interface Decided {
  readonly pool: DemandPool;
  readonly start: PlannedStart;
  readonly records: readonly InstanceRecord[];
}

/** One that still runs needs no start, so it keeps the times of its last one. */
const moveOf = (record: InstanceRecord, { demandSince }: PlannedStart, now: number): RecordWrite =>
  record.state === "stopping"
    ? { move: { to: "running", reason: RECLAIMED, now }, set: { emptySince: null, drain: null } }
    : {
        move: { to: "running", reason: "Demand", now },
        set: { startedAt: now, demandSince, readyAt: null, emptySince: null },
      };

/** Records the decision; a slot that someone else moved meanwhile is left out, and demand looks again. */
const recordStart = async (ports: ReconcilerPorts, lease: KeyLease, start: PlannedStart) => {
  const cluster = lease.key;
  const now = lease.now();
  const records: InstanceRecord[] = [];
  const failures = await inParallel(start.records, WRITES_AT_ONCE, async (record) => {
    lease.assertHeld();
    const moved = await ports.slots.write({ cluster, pool: start.pool }, record, moveOf(record, start, now));
    if (moved) records.push(moved);
  });
  return { records, failures };
};

/** Before anything is started. What could be recorded is started, whatever else could not. */
export const recordStarts = async (ports: ReconcilerPorts, lease: KeyLease, view: DemandView, plan: DemandPlan) => {
  const decided: Decided[] = [];
  const failures: unknown[] = [];
  for (const start of plan.starts) {
    const pool = view.pools.find(({ name }) => name === start.pool);
    if (!pool) continue;
    const recorded = await recordStart(ports, lease, start);
    failures.push(...recorded.failures);
    if (recorded.records.length > 0) decided.push({ pool, start, records: recorded.records });
  }
  return { decided, failures };
};
