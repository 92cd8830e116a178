import type { DemandPlan, PoolStart } from "../../demand/plan.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { type InstanceRecord, TAKEN_BACK } from "../../model/instance-record.ts";
import type { Turn } from "../../queue/types.ts";
import type { RecordWrite } from "../../state/slots-table.ts";
import { inParallel } from "../in-parallel.ts";
import type { ReconcilerPorts } from "../ports.ts";

const WRITES_AT_ONCE = 20;

/** A start of the plan, as far as it could be recorded. */
export interface Decided {
  readonly pool: DemandPool;
  readonly start: PoolStart;
  readonly records: readonly InstanceRecord[];
}

/** One that still runs needs no start, so it keeps the times of its last one. */
const moveOf = (record: InstanceRecord, { demandSince }: PoolStart, now: number): RecordWrite =>
  record.state === "stopping"
    ? { move: { to: "running", reason: TAKEN_BACK, now }, set: { emptySince: null, drain: null } }
    : {
        move: { to: "running", reason: "Demand", now },
        set: { startedAt: now, demandSince, readyAt: null, emptySince: null },
      };

/** Records the decision; a slot that someone else moved meanwhile is left out, and demand looks again. */
const recordStart = async (ports: ReconcilerPorts, turn: Turn, start: PoolStart) => {
  const cluster = turn.key;
  const now = turn.now();
  const records: InstanceRecord[] = [];
  const failures = await inParallel(start.records, WRITES_AT_ONCE, async (record) => {
    turn.assertHeld();
    const moved = await ports.slots.write({ cluster, pool: start.pool }, record, moveOf(record, start, now));
    if (moved) records.push(moved);
  });
  return { records, failures };
};

/** Before anything is started. What could be recorded is started, whatever else could not. */
export const recordStarts = async (ports: ReconcilerPorts, turn: Turn, view: DemandView, plan: DemandPlan) => {
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
