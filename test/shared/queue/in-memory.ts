/** A work table and a doorbell in memory, with the semantics of the real ones, that tests can look into. */
import type { SQSEvent } from "aws-lambda";
import type { WakeQueue } from "../../../shared/queue/wake-queue.ts";
import type { WorkItem, WorkTable } from "../../../shared/queue/work-table.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";

const fresh = (key: string): WorkItem => ({
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

/** Each call takes effect in one step, as a conditional write does; `before` runs ahead of each and may throw. */
export const inMemoryTable = (before: (call: string) => Promise<void> = async () => {}): WorkTable => {
  const items = new Map<string, WorkItem>();
  const id = ({ kind, key }: { kind: string; key: string }) => `${kind} ${key}`;
  const put = (work: { kind: string; key: string }, item: WorkItem) => {
    items.set(id(work), item);
    return item;
  };
  const at = (work: { kind: string; key: string }) => items.get(id(work)) ?? fresh(work.key);
  return {
    markDirty: async (work) => {
      await before("ring");
      return put(work, { ...at(work), dirtySeq: at(work).dirtySeq + 1 });
    },
    acquire: async (work, leaseOwner, now, leaseMs) => {
      await before("acquire");
      const item = at(work);
      if (item.leaseUntil > now && item.leaseOwner !== leaseOwner) return undefined;
      return put(work, { ...item, leaseOwner, leaseUntil: now + leaseMs, fence: item.fence + 1 });
    },
    release: async (work, { fence, seen, now, failures, nextWakeAt, wakesSince, wakes }) => {
      await before("release");
      const item = at(work);
      if (item.fence !== fence) return "lost";
      if (item.dirtySeq !== seen) return "moved";
      const rest = { leaseOwner: undefined, leaseUntil: 0, nextWakeAt, wakesSince, wakes };
      put(work, { ...item, doneSeq: seen, failures, lastDoneAt: now, ...rest });
      return "done";
    },
    abandon: async (work, { fence, failures, nextWakeAt, wakesSince, wakes }) => {
      await before("abandon");
      if (at(work).fence !== fence) return false;
      put(work, { ...at(work), failures, leaseOwner: undefined, leaseUntil: 0, nextWakeAt, wakesSince, wakes });
      return true;
    },
    read: async (work) => items.get(id(work)),
    list: async (kind) => [...items].filter(([name]) => name.startsWith(`${kind} `)).map(([, item]) => item),
  };
};

export interface Rung {
  readonly key: string;
  readonly at?: number;
}

/** Remembers what it was asked: `rung` at once or at a time, `later` and `hidden` by their delays in ms. */
export const inMemoryDoorbell = () => {
  const rung: Rung[] = [];
  const later: number[] = [];
  const hidden: number[] = [];
  return {
    rung,
    later,
    hidden,
    enqueue: async (_kind, keys) => void rung.push(...keys.map((key) => ({ key }))),
    enqueueAt: async (_kind, key, at) => {
      rung.push({ key, at });
      return true;
    },
    enqueueAfter: async (_kind, _key, delayMs) => void later.push(delayMs),
    hide: async (_kind, _handle, delayMs) => void hidden.push(delayMs),
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

/** What Lambda hands over; `receives` is how often the message has come by now. */
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
