import { processWakes, type WakePorts } from "../../../shared/queue/process-wakes.ts";
import type { Reconcile } from "../../../shared/queue/types.ts";
import { anEvent, countingTelemetry, type Delivery, inMemoryTable, inMemoryWakeQueue } from "./in-memory.ts";

/** A worker of the pool queue over an in-memory table, in a time that tests move. */
export const setup = () => {
  const time = { now: 1_000_000 };
  const ports = {
    kind: "pool",
    clusters: ["c"],
    table: inMemoryTable(),
    wakeQueue: inMemoryWakeQueue(),
    telemetry: countingTelemetry(),
    now: () => time.now,
    remainingMs: () => 60_000,
    owner: "test",
  } satisfies WakePorts;
  const reconciled: string[] = [];
  const succeeding: Reconcile = async ({ key }) => {
    reconciled.push(key);
    return {};
  };
  const wake = (bodies: readonly unknown[], reconcile: Reconcile = succeeding, delivery: Delivery = {}) =>
    processWakes(anEvent(bodies, { sentAt: time.now, ...delivery }), ports, reconcile);
  /** Wakes the key when it has been quiet for long enough to be reconciled at once. */
  const wakeLater = (bodies: readonly unknown[], reconcile?: Reconcile) => {
    time.now += 1_000;
    return wake(bodies, reconcile);
  };
  return { time, ports, reconciled, succeeding, wake, wakeLater };
};

/** The work item of a key. */
export const item = ({ ports }: ReturnType<typeof setup>, key = "c/p") => ports.table.read({ kind: "pool", key });
