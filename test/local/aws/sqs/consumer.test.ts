import type { SQSRecord } from "aws-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ConsumerOptions, Invoke } from "../../../../local/aws/sqs/consumer.ts";
import { createSqs, type Sqs } from "../../../../local/aws/sqs/sqs.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";

let clock: VirtualClock;
let sqs: Sqs;
let arn: string;

beforeEach(() => {
  clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24));
  sqs = createSqs({ clock, baseUrl: () => "http://127.0.0.1" });
  arn = sqs.create({ name: "pool", visibilityTimeout: 75 }).arn;
});
afterEach(() => clock.stop());

const consume = (invoke: Invoke, options: Partial<ConsumerOptions> = {}) =>
  sqs.consume(arn, { batchSize: 10, reportBatchItemFailures: true, ...options }, invoke);

const bodies = (records: SQSRecord[]) => records.map((record) => record.body);

test("delivers queued messages in batches and deletes them", async () => {
  const batches: string[][] = [];
  consume(async (records) => void batches.push(bodies(records)), { batchSize: 2 });
  for (const body of ["a", "b", "c"]) sqs.send(arn, body);
  await clock.sleep(1000);
  expect(batches).toEqual([["a", "b"], ["c"]]);
  expect(sqs.messages(arn)).toEqual([]);
});

test("redelivers only the failed messages, after their visibility timeout", async () => {
  const received: { at: number; bodies: string[] }[] = [];
  const startedAt = clock.now();
  consume(async (records) => {
    received.push({ at: clock.now() - startedAt, bodies: bodies(records) });
    const failed = records.filter((record) => record.body === "b" && record.attributes.ApproximateReceiveCount === "1");
    return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
  });
  sqs.send(arn, "a");
  sqs.send(arn, "b");
  await clock.sleep(100_000);
  expect(received.map((batch) => batch.bodies)).toEqual([["a", "b"], ["b"]]);
  expect(received[1]?.at).toBeGreaterThanOrEqual(75_000);
  expect(sqs.messages(arn)).toEqual([]);
});

test.each([
  ["the function fails", () => Promise.reject(new Error("crash"))],
  [
    "its response lists a message that was not in the batch",
    async () => ({ batchItemFailures: [{ itemIdentifier: "other" }] }),
  ],
])("keeps the whole batch when %s", async (_, respond: Invoke) => {
  consume(respond);
  sqs.send(arn, "a");
  await clock.sleep(1000);
  expect(sqs.depth(arn)).toEqual({ visible: 0, delayed: 0, inFlight: 1 });
});

test("does not exceed the maximum concurrency", async () => {
  let running = 0;
  let maxRunning = 0;
  let done = 0;
  const work: Invoke = async () => {
    running += 1;
    maxRunning = Math.max(maxRunning, running);
    await clock.sleep(20);
    running -= 1;
    done += 1;
    return undefined;
  };
  consume(work, { batchSize: 1, maximumConcurrency: 2 });
  for (let count = 0; count < 6; count += 1) sqs.send(arn, `${count}`);
  await clock.sleep(1000);
  expect({ maxRunning, done }).toEqual({ maxRunning: 2, done: 6 });
});

test("stops when the returned function is called", async () => {
  const batches: string[][] = [];
  const stop = consume(async (records) => void batches.push(bodies(records)));
  stop();
  sqs.send(arn, "a");
  await clock.sleep(1000);
  expect(batches).toEqual([]);
});

test("waits for the batching window before it delivers", async () => {
  const batches: string[][] = [];
  consume(async (records) => void batches.push(bodies(records)), { batchingWindowMs: 500 });
  sqs.send(arn, "a");
  clock.after(300, () => sqs.send(arn, "b"));
  await clock.sleep(2000);
  expect(batches).toEqual([["a", "b"]]);
});
