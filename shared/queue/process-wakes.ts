/** Processes a batch of wakes: reconciles each key once; messages whose keys could not be processed return to the queue. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { ReconcilerKind, WakeMessage } from "../model/events.ts";
import { clusterOf } from "../model/keys.ts";
import { MAX_RECEIVES_OF_BUSY_KEY } from "../model/limits.ts";
import { parseWake } from "./messages.ts";
import { type KeyOutcome, type KeyPorts, leaseAndReconcile } from "./process-key.ts";
import type { Reconcile } from "./types.ts";
import type { WakeQueue } from "./wake-queue.ts";

/** SQS measures a delay by its own clock; the recorded time is by the function's clock. */
const CLOCK_SKEW_MS = 1_000;

export interface WakePorts extends KeyPorts {
  readonly kind: ReconcilerKind;
  /** The clusters that this deployment serves. */
  readonly clusters: readonly string[];
  readonly wakeQueue: WakeQueue;
}

interface Group {
  readonly key: string;
  readonly records: SQSRecord[];
  /** True if any message came from an event or another reconciler; false if all are the key's own timers. */
  hasExternalWake: boolean;
}

const groupByKey = (ports: WakePorts, records: readonly SQSRecord[]): readonly Group[] => {
  const groups = new Map<string, Group>();
  for (const record of records) {
    const message: WakeMessage | undefined = parseWake(ports.kind, record.body);
    // A key of a cluster that this deployment does not serve would be retried forever.
    if (!message || !ports.clusters.includes(clusterOf(message.key))) {
      ports.telemetry.recordMetric("unreadableMessages", 1, { Function: ports.kind });
      ports.telemetry.log.warn("dropped a message without a valid key", { messageId: record.messageId });
      continue;
    }
    const group = groups.get(message.key) ?? { key: message.key, records: [], hasExternalWake: false };
    group.records.push(record);
    group.hasExternalWake ||= message.at === undefined;
    groups.set(message.key, group);
  }
  return [...groups.values()];
};

/** Whether these timers are obsolete: the requeue time was moved later, or another reconcile cleared it. */
const isSuperseded = async (ports: WakePorts, { key, hasExternalWake }: Group): Promise<boolean> => {
  if (hasExternalWake) return false;
  const item = await ports.table.read({ kind: ports.kind, key });
  return item?.nextWakeAt === undefined || item.nextWakeAt > ports.now() + CLOCK_SKEW_MS;
};

/**
 * The lease holder sees that the key is dirty when it releases. One message stays in the queue, hidden until the lease expires, in
 * case the holder crashes first. The key's other messages are redundant and are acknowledged.
 */
const hideUntilLeaseEnds = async (
  ports: WakePorts,
  { key, records }: Group,
  until: number,
): Promise<readonly SQSRecord[]> => {
  const item = await ports.table.read({ kind: ports.kind, key });
  const [record] = records;
  if (!record || (item && item.dirtySeq <= item.doneSeq)) return [];
  const delayMs = until - ports.now();
  if (Number(record.attributes.ApproximateReceiveCount) >= MAX_RECEIVES_OF_BUSY_KEY) {
    await ports.wakeQueue.enqueueAfter(ports.kind, key, delayMs);
    return [];
  }
  await ports.wakeQueue.hide(ports.kind, record.receiptHandle, delayMs);
  return [record];
};

const handleOutcome = async (ports: WakePorts, group: Group, result: KeyOutcome): Promise<readonly SQSRecord[]> => {
  if (result.kind === "held") return hideUntilLeaseEnds(ports, group, result.until);
  if (result.requeueAt !== undefined) {
    await ports.wakeQueue.enqueueAt(ports.kind, group.key, result.requeueAt, ports.now());
  }
  return [];
};

/** Returns the records that SQS must deliver again. */
const processKey = async (ports: WakePorts, group: Group, reconcile: Reconcile): Promise<readonly SQSRecord[]> => {
  try {
    if (await isSuperseded(ports, group)) return [];
    const work = { kind: ports.kind, key: group.key };
    await ports.table.markDirty(work);
    return await handleOutcome(ports, group, await leaseAndReconcile(ports, work, reconcile));
  } catch (error) {
    ports.telemetry.recordMetric("reconcileErrors", 1, { Cluster: clusterOf(group.key), Function: ports.kind });
    ports.telemetry.log.error("a wake could not be processed", { key: group.key, error });
    return group.records;
  }
};

/** Unreadable messages are counted and acknowledged. A failure of one key does not affect the others. */
export const processWakes = async (
  event: SQSEvent,
  ports: WakePorts,
  reconcile: Reconcile,
): Promise<SQSBatchResponse> => {
  const groups = groupByKey(ports, event.Records);
  const failed = await Promise.all(groups.map((group) => processKey(ports, group, reconcile)));
  return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
