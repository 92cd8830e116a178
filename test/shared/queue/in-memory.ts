/** An in-memory work table and wake queue with the semantics of the real ones, which tests can inspect. */
import type { SQSEvent } from "aws-lambda";
import type { WakeQueue } from "../../../shared/queue/wake-queue.ts";
import type { Abandon, WorkItem, WorkTable } from "../../../shared/queue/work-table.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";

const newItem = (key: string): WorkItem => ({
  key,
  dirtySeq: 0,
  seenSeq: 0,
  doneSeq: 0,
  fence: 0,
  leaseUntil: 0,
  failures: 0,
  lastDoneAt: 0,
  endedAt: 0,
  answeredUntil: 0,
  wakesSince: 0,
  wakes: 0,
});

const endOfLease = (item: WorkItem, { now, ...end }: Omit<Abandon, "fence">): WorkItem => {
  const { leaseOwner, nextWakeAt, ...rest } = item;
  return { ...rest, ...end, leaseUntil: 0, endedAt: now };
};

/** Each call takes effect atomically, like a conditional write; `before` runs before each call and may throw. */
export const inMemoryTable = (before: (call: string) => Promise<void> = async () => {}): WorkTable => {
  const items = new Map<string, WorkItem>();
  const id = ({ kind, key }: { kind: string; key: string }) => `${kind} ${key}`;
  const put = (work: { kind: string; key: string }, item: WorkItem) => {
    items.set(id(work), item);
    return item;
  };
  const itemOf = (work: { kind: string; key: string }) => items.get(id(work)) ?? newItem(work.key);
  return {
    acquire: async (work, leaseOwner, now, leaseMs) => {
      await before("acquire");
      const item = itemOf(work);
      if (item.leaseUntil > now && item.leaseOwner !== leaseOwner) return undefined;
      const dirtySeq = item.dirtySeq + 1;
      const lease = { leaseOwner, leaseUntil: now + leaseMs, fence: item.fence + 1 };
      return put(work, { ...item, dirtySeq, seenSeq: dirtySeq, ...lease });
    },
    mark: async (work, fence) => {
      await before("mark");
      const item = itemOf(work);
      if (item.fence !== fence || item.leaseOwner === undefined || item.dirtySeq !== item.seenSeq) return false;
      put(work, { ...item, dirtySeq: item.dirtySeq + 1 });
      return true;
    },
    postpone: async (work, { replaces, until, now }) => {
      await before("postpone");
      const item = itemOf(work);
      if (item.leaseUntil > now || (item.nextWakeAt !== replaces && item.nextWakeAt !== until)) return false;
      put(work, { ...item, nextWakeAt: until });
      return true;
    },
    release: async (work, { fence, seen, answeredUntil, ...rest }) => {
      await before("release");
      const item = itemOf(work);
      if (item.fence !== fence) return undefined;
      return put(work, { ...endOfLease(item, rest), doneSeq: seen, lastDoneAt: rest.now, answeredUntil });
    },
    forget: async (work, { fence, seen }) => {
      await before("forget");
      const item = itemOf(work);
      if (item.fence !== fence) return "lost";
      if (item.dirtySeq !== seen) return "marked";
      items.delete(id(work));
      return "done";
    },
    abandon: async (work, { fence, ...rest }) => {
      await before("abandon");
      const item = itemOf(work);
      if (item.fence !== fence) return false;
      put(work, endOfLease(item, rest));
      return true;
    },
    read: async (work) => items.get(id(work)),
    list: async (kind) => [...items].filter(([name]) => name.startsWith(`${kind} `)).map(([, item]) => item),
  };
};

export interface Enqueued {
  readonly key: string;
  readonly at?: number;
}

/** Records the immediate wakes and the timers. */
export const inMemoryWakeQueue = () => {
  const enqueued: Enqueued[] = [];
  return {
    enqueued,
    enqueue: async (_kind, keys) => void enqueued.push(...keys.map((key) => ({ key }))),
    enqueueAt: async (_kind, key, at) => {
      enqueued.push({ key, at });
      return true;
    },
  } satisfies WakeQueue & Record<string, unknown>;
};

export const countingTelemetry = (): Telemetry & { readonly counts: Record<string, number> } => {
  const counts: Record<string, number> = {};
  const ignore = () => {};
  return {
    counts,
    log: { info: ignore, warn: ignore, error: ignore },
    recordMetric: (metric, value) => {
      counts[metric] = (counts[metric] ?? 0) + value;
    },
  };
};

export interface Delivery {
  /** How often the messages have been received, this time included. */
  readonly receives?: number;
  /** In ms since the epoch, by SQS's clock. */
  readonly sentAt?: number;
}

/** The event that Lambda passes to the handler. */
export const anEvent = (bodies: readonly unknown[], { receives = 1, sentAt = 0 }: Delivery = {}): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    receiptHandle: `r${index}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(sentAt),
      SenderId: "test",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:pool",
    awsRegion: "us-east-1",
  })),
});

/** A key that was reconciled once and has nothing to do. */
export const aWorkItem = (overrides: Partial<WorkItem> = {}): WorkItem => ({
  ...newItem("c/p"),
  dirtySeq: 1,
  seenSeq: 1,
  doneSeq: 1,
  fence: 1,
  ...overrides,
});
