import type { DemandPlan, PlannedStart } from "../../demand/plan.ts";
import type { DemandPool, DemandView } from "../../demand/view.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { type InstanceRecord, RECLAIMED } from "../../model/instance-record.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import { pick } from "../../model/pick.ts";
import type { KeyLease } from "../../queue/types.ts";
import type { RecordWrite } from "../../state/slots-table.ts";
import type { ReconcilerPorts } from "../ports.ts";

const WRITES_AT_ONCE = 20;

/** A start of the plan, with the records that could be written. */
export interface RecordedStart {
  readonly pool: DemandPool;
  readonly start: PlannedStart;
  readonly records: readonly InstanceRecord[];
}

/**
 * An instance that is still running is reclaimed. It needs no start, so it keeps the times of its latest one. The type that an instance is to be changed to
 * is recorded before EC2 is called.
 */
const transitionOf = (record: InstanceRecord, start: PlannedStart, now: number): RecordWrite => {
  const { reason, demandSince } = start;
  const pods = start.pods[start.records.indexOf(record)]?.map(podName) ?? [];
  return record.state === "stopping"
    ? { move: { to: "running", reason: RECLAIMED, now }, set: { openedAt: now, pods, emptySince: null, drain: null } }
    : {
        move: { to: "running", reason, now },
        set: {
          startedAt: now,
          starts: (record.starts ?? 0) + 1,
          demandSince,
          pods,
          readyAt: null,
          openedAt: null,
          emptySince: null,
          ...(record.resizedFrom !== undefined && pick(record, ["instanceType", "resizedFrom"])),
        },
      };
};

/** Records the start. A slot that has changed since it was read is left out; the next reconcile decides again. */
const recordStart = async (ports: ReconcilerPorts, lease: KeyLease, start: PlannedStart) => {
  const cluster = lease.key;
  const now = lease.now();
  const records: InstanceRecord[] = [];
  const failures = await inParallel(start.records, WRITES_AT_ONCE, async (record) => {
    lease.assertHeld();
    const moved = await ports.slots.write({ cluster, pool: start.pool }, record, transitionOf(record, start, now));
    if (moved) records.push(moved);
  });
  return { records, failures };
};

/** Records all starts before any call to EC2. A record that cannot be written does not hold back the others. */
export const recordStarts = async (ports: ReconcilerPorts, lease: KeyLease, view: DemandView, plan: DemandPlan) => {
  const recorded: RecordedStart[] = [];
  const failures: unknown[] = [];
  for (const start of plan.starts) {
    const pool = view.pools.find(({ name }) => name === start.pool);
    if (!pool) continue;
    const written = await recordStart(ports, lease, start);
    failures.push(...written.failures);
    if (written.records.length > 0) recorded.push({ pool, start, records: written.records });
  }
  return { recorded, failures };
};
