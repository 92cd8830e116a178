/** A work table and a wake queue in memory, which tests can inspect. */
import type { SQSEvent } from "aws-lambda";
import type { WakeQueue } from "../../../shared/queue/wake-queue.ts";
import { createWorkTable, type WorkItem, type WorkTable } from "../../../shared/queue/work-table.ts";
import { METRICS } from "../../../shared/telemetry/metric-names.ts";
import type { Telemetry } from "../../../shared/telemetry/telemetry.ts";
import { TABLE } from "../dynamo.ts";
import { createInMemoryDocuments } from "../in-memory-documents.ts";
import { assertDeclared } from "../telemetry/declared-dimensions.ts";

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

/** The real table over documents in memory; `before` runs before each write and may throw. */
export const inMemoryTable = (before: (call: string) => Promise<void> = async () => {}): WorkTable => {
  const table = createWorkTable(createInMemoryDocuments().client, TABLE);
  return {
    acquire: async (...args) => {
      await before("acquire");
      return table.acquire(...args);
    },
    mark: async (...args) => {
      await before("mark");
      return table.mark(...args);
    },
    postpone: async (...args) => {
      await before("postpone");
      return table.postpone(...args);
    },
    release: async (...args) => {
      await before("release");
      return table.release(...args);
    },
    forget: async (...args) => {
      await before("forget");
      return table.forget(...args);
    },
    abandon: async (...args) => {
      await before("abandon");
      return table.abandon(...args);
    },
    read: table.read,
    list: table.list,
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
    recordMetric: (metric, value, dimensions, labels = {}) => {
      const ofLabels = Object.keys(labels).map((label) => `${label.slice(0, 1).toUpperCase()}${label.slice(1)}`);
      assertDeclared(METRICS[metric].name, [...Object.keys(dimensions), ...ofLabels]);
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
