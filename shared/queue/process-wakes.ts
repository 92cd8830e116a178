/** Processes a batch of wakes: reconciles each key once; messages whose keys could not be processed return to the queue. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type { ReconcilerKind, WakeMessage } from "../model/events.ts";
import { inParallel } from "../model/in-parallel.ts";
import { clusterOf } from "../model/keys.ts";
import { admit, includesTimer, type Wake } from "./admit.ts";
import { parseWake } from "./messages.ts";
import { type KeyPorts, reconcileUnderLease, takeLease } from "./process-key.ts";
import type { Reconcile } from "./types.ts";
import type { WakeQueue } from "./wake-queue.ts";
import type { Postponement, WorkItem, WorkKey } from "./work-table.ts";

/** Bounds the memory of a function: a large pool's reconcile holds its nodes, their instances and the pods on them. */
const KEYS_AT_ONCE = 3;

/** Each attempt but the last lost a race against another worker for the same key, which then needs less and less. */
const MAX_ATTEMPTS = 10;

export interface WakePorts extends KeyPorts {
  readonly kind: ReconcilerKind;
  /** The clusters that this deployment serves. */
  readonly clusters: readonly string[];
  readonly wakeQueue: WakeQueue;
}

interface Group {
  readonly key: string;
  readonly records: SQSRecord[];
  readonly wakes: Wake[];
}

const wakeOf = ({ attributes }: SQSRecord, { at }: WakeMessage): Wake => ({
  at,
  sentAt: Number(attributes.SentTimestamp),
  isRedelivered: Number(attributes.ApproximateReceiveCount) > 1,
});

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
    const group = groups.get(message.key) ?? { key: message.key, records: [], wakes: [] };
    group.records.push(record);
    group.wakes.push(wakeOf(record, message));
    groups.set(message.key, group);
  }
  return [...groups.values()];
};

/** Records that the key needs a reconcile later. False if another worker changed the item meanwhile. */
const postpone = async (
  ports: WakePorts,
  work: WorkKey,
  { replaces, until }: Pick<Postponement, "replaces" | "until">,
): Promise<boolean> => {
  const now = ports.now();
  if (!(await ports.table.postpone(work, { replaces, until, now }))) return false;
  await ports.wakeQueue.enqueueAt(ports.kind, work.key, until, now);
  return true;
};

/** The item of a key whose timer has arrived, possibly a little early: none is pending any more. */
const withoutTimer = ({ nextWakeAt, ...item }: WorkItem): WorkItem => item;

/** False if another worker has taken the lease meanwhile. */
const reconcileNow = async (
  ports: WakePorts,
  work: WorkKey,
  wakes: readonly Wake[],
  reconcile: Reconcile,
): Promise<boolean> => {
  const leased = await takeLease(ports, work);
  if (!leased) return false;
  const item = includesTimer(leased, wakes) ? withoutTimer(leased) : leased;
  const answeredUntil = Math.max(...wakes.map(({ sentAt }) => sentAt));
  const requeueAt = await reconcileUnderLease(ports, work, { item, answeredUntil }, reconcile);
  if (requeueAt !== undefined) await ports.wakeQueue.enqueueAt(ports.kind, work.key, requeueAt, ports.now());
  return true;
};

type Result =
  | "done"
  | "covered"
  /** The item changed between its read and the write, which is conditional. */
  | "raced";

/** Does what the key's item says. */
const attempt = async (ports: WakePorts, work: WorkKey, { wakes }: Group, reconcile: Reconcile): Promise<Result> => {
  const item = await ports.table.read(work);
  const admission = admit(item, wakes, ports.now());
  switch (admission.kind) {
    case "acknowledge":
      return "done";
    case "covered":
      return "covered";
    case "mark":
      return (await ports.table.mark(work, item?.fence ?? 0)) ? "covered" : "raced";
    case "postpone": {
      const { until } = admission;
      return (await postpone(ports, work, { replaces: item?.nextWakeAt, until })) ? "done" : "raced";
    }
    case "reconcile":
      return (await reconcileNow(ports, work, wakes, reconcile)) ? "done" : "raced";
  }
};

/**
 * What stays in the queue when another message covers these. That message is delivered again if its worker crashes; one of these that was
 * received before may be that message.
 */
const possiblyCovering = ({ records, wakes }: Group): readonly SQSRecord[] =>
  records.filter((_, index) => wakes[index]?.isRedelivered);

/** Returns the records that SQS must deliver again. */
const processKey = async (ports: WakePorts, group: Group, reconcile: Reconcile): Promise<readonly SQSRecord[]> => {
  const work = { kind: ports.kind, key: group.key };
  try {
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
      const result = await attempt(ports, work, group, reconcile);
      if (result !== "raced") return result === "covered" ? possiblyCovering(group) : [];
    }
    throw new Error(`the item of the key changed during each of ${MAX_ATTEMPTS} attempts`);
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
  const failed: SQSRecord[] = [];
  await inParallel(groupByKey(ports, event.Records), KEYS_AT_ONCE, async (group) => {
    failed.push(...(await processKey(ports, group, reconcile)));
  });
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};
