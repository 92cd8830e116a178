/** A batch of wakes: each key gets its turn; the messages of keys that could not have one return to the queue. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { ReconcilerKind, WakeMessage } from "../model/events.ts";
import { clusterOf } from "../model/keys.ts";
import { parseWake } from "./messages.ts";
import { type KeyOutcome, type KeyPorts, leaseAndReconcile } from "./process-key.ts";
import type { Reconcile } from "./types.ts";
import type { WakeQueue } from "./wake-queue.ts";

/** Below the queues' maxReceiveCount (20): a key that is busy for long must not end in the dead-letter queue. */
const MAX_RECEIVES = 15;
/** SQS counts a delay by its clock, the time recorded is by ours. */
const CLOCK_SKEW_MS = 1_000;

export interface WakePorts extends KeyPorts {
  readonly kind: ReconcilerKind;
  /** Those this deployment serves. */
  readonly clusters: readonly string[];
  readonly wakeQueue: WakeQueue;
}

interface Group {
  readonly key: string;
  readonly records: SQSRecord[];
  /** False if all of them are timers of the key's own. */
  requested: boolean;
}

const groupByKey = (ports: WakePorts, records: readonly SQSRecord[]): readonly Group[] => {
  const groups = new Map<string, Group>();
  for (const record of records) {
    const message: WakeMessage | undefined = parseWake(ports.kind, record.body);
    // A cluster that is not served can never be looked at: such a key would be tried for ever.
    if (!message || !ports.clusters.includes(clusterOf(message.key))) {
      ports.telemetry.recordMetric("unreadableMessages", 1, { Function: ports.kind });
      ports.telemetry.log.warn("a message names no key of ours", { messageId: record.messageId });
      continue;
    }
    const group = groups.get(message.key) ?? { key: message.key, records: [], requested: false };
    group.records.push(record);
    group.requested ||= message.at === undefined;
    groups.set(message.key, group);
  }
  return [...groups.values()];
};

/** A timer whose time was set anew since, or that another turn has made needless, does nothing. */
const isSuperseded = async (ports: WakePorts, { key, requested }: Group): Promise<boolean> => {
  if (requested) return false;
  const item = await ports.table.read({ kind: ports.kind, key });
  return item?.nextWakeAt === undefined || item.nextWakeAt > ports.now() + CLOCK_SKEW_MS;
};

/**
 * Whoever holds the lease sees the ring when it releases. One message of them stays behind, in case it dies before; by then the
 * lease is over. The queue's other messages of this key would find nothing more to do.
 */
const waitBehind = async (ports: WakePorts, { key, records }: Group, until: number): Promise<readonly SQSRecord[]> => {
  const item = await ports.table.read({ kind: ports.kind, key });
  const [record] = records;
  if (!record || (item && item.dirtySeq <= item.doneSeq)) return [];
  const delayMs = until - ports.now();
  if (Number(record.attributes.ApproximateReceiveCount) >= MAX_RECEIVES) {
    await ports.wakeQueue.enqueueAfter(ports.kind, key, delayMs);
    return [];
  }
  await ports.wakeQueue.hide(ports.kind, record.receiptHandle, delayMs);
  return [record];
};

const finish = async (ports: WakePorts, group: Group, result: KeyOutcome): Promise<readonly SQSRecord[]> => {
  if (result.kind === "held") return waitBehind(ports, group, result.until);
  if (result.requeueAt !== undefined) {
    await ports.wakeQueue.enqueueAt(ports.kind, group.key, result.requeueAt, ports.now());
  }
  return [];
};

/** The records to be delivered again. */
const processKey = async (ports: WakePorts, group: Group, reconcile: Reconcile): Promise<readonly SQSRecord[]> => {
  try {
    if (await isSuperseded(ports, group)) return [];
    const work = { kind: ports.kind, key: group.key };
    await ports.table.markDirty(work);
    return await finish(ports, group, await leaseAndReconcile(ports, work, reconcile));
  } catch (error) {
    ports.telemetry.recordMetric("reconcileErrors", 1, { Cluster: clusterOf(group.key), Function: ports.kind });
    ports.telemetry.log.error("a wake could not be processed", { key: group.key, error });
    return group.records;
  }
};

/** What cannot be read is counted and acknowledged; one key's failure touches no other. */
export const processWakes = async (
  event: SQSEvent,
  ports: WakePorts,
  reconcile: Reconcile,
): Promise<SQSBatchResponse> => {
  const groups = groupByKey(ports, event.Records);
  const failed = await Promise.all(groups.map((group) => processKey(ports, group, reconcile)));
  return { batchItemFailures: failed.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
