/** An in-memory work table and wake queue with the semantics of the real ones, which tests can inspect. */
import type { SQSEvent } from "aws-lambda";
import type { WakeQueue } from "../../../shared/queue/wake-queue.ts";
import type { WorkItem, WorkTable } from "../../../shared/queue/work-table.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";

const newItem = (key: string): WorkItem => ({
  key,
  dirtySeq: 0,
  doneSeq: 0,
  fence: 0,
  leaseUntil: 0,
  failures: 0,
  lastDoneAt: 0,
  wakesSince: 0,
  wakes: 0,
});

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
    markDirty: async (work) => {
      await before("markDirty");
      return put(work, { ...itemOf(work), dirtySeq: itemOf(work).dirtySeq + 1 });
    },
    acquire: async (work, leaseOwner, now, leaseMs) => {
      await before("acquire");
      const item = itemOf(work);
      if (item.leaseUntil > now && item.leaseOwner !== leaseOwner) return undefined;
      return put(work, { ...item, leaseOwner, leaseUntil: now + leaseMs, fence: item.fence + 1 });
    },
    release: async (work, { fence, seen, now, failures, nextWakeAt, wakesSince, wakes }) => {
      await before("release");
      const item = itemOf(work);
      if (item.fence !== fence) return "lost";
      if (item.dirtySeq !== seen) return "moved";
      const rest = { leaseOwner: undefined, leaseUntil: 0, nextWakeAt, wakesSince, wakes };
      put(work, { ...item, doneSeq: seen, failures, lastDoneAt: now, ...rest });
      return "done";
    },
    forget: async (work, { fence, seen }) => {
      await before("forget");
      const item = itemOf(work);
      if (item.fence !== fence) return "lost";
      if (item.dirtySeq !== seen) return "moved";
      items.delete(id(work));
      return "done";
    },
    abandon: async (work, { fence, failures, nextWakeAt, wakesSince, wakes }) => {
      await before("abandon");
      if (itemOf(work).fence !== fence) return false;
      put(work, { ...itemOf(work), failures, leaseOwner: undefined, leaseUntil: 0, nextWakeAt, wakesSince, wakes });
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

/** Records its calls: `enqueued` has immediate wakes and timers, `delays` and `hideDelays` have delays in ms. */
export const inMemoryWakeQueue = () => {
  const enqueued: Enqueued[] = [];
  const delays: number[] = [];
  const hideDelays: number[] = [];
  return {
    enqueued,
    delays,
    hideDelays,
    enqueue: async (_kind, keys) => void enqueued.push(...keys.map((key) => ({ key }))),
    enqueueAt: async (_kind, key, at) => {
      enqueued.push({ key, at });
      return true;
    },
    enqueueAfter: async (_kind, _key, delayMs) => void delays.push(delayMs),
    hide: async (_kind, _handle, delayMs) => void hideDelays.push(delayMs),
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

/** The event that Lambda passes to the handler; `receives` is the message's receive count. */
export const anEvent = (bodies: readonly unknown[], receives = 1): SQSEvent => ({
  Records: bodies.map((body, index) => ({
    messageId: `m${index}`,
    receiptHandle: `r${index}`,
    body: typeof body === "string" ? body : JSON.stringify(body),
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: "0",
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
