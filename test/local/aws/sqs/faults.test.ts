import { afterEach, beforeEach, expect, test } from "vitest";
import { createSqs, type Sqs } from "../../../../local/aws/sqs/sqs.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";
import { seededRandom } from "../../../../local/environment/random.ts";

let clock: VirtualClock;
let sqs: Sqs;
let arn: string;
let deadArn: string;
let received: string[];

beforeEach(() => {
  clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24));
  sqs = createSqs({ clock, baseUrl: () => "http://127.0.0.1", random: seededRandom(1) });
  deadArn = sqs.create({ name: "dead-letters" }).arn;
  const redrive = { deadLetterArn: deadArn, maxReceiveCount: 4 };
  arn = sqs.create({ name: "pool", visibilityTimeout: 75, redrive }).arn;
  received = [];
});
afterEach(() => clock.stop());

const consume = () =>
  sqs.consume(arn, { batchSize: 10, reportBatchItemFailures: true }, async (records) => {
    await clock.sleep(2000);
    received.push(...records.map((record) => `${record.body}${record.attributes.ApproximateReceiveCount}`));
    return undefined;
  });

test("a message is delivered exactly once by default", async () => {
  consume();
  for (const body of "abcdefghij") sqs.send(arn, body);
  await clock.sleep(300_000);
  expect(received.join(" ")).toBe("a1 b1 c1 d1 e1 f1 g1 h1 i1 j1");
});

test("a duplicated message is visible to others while it is in flight, and each receive counts", async () => {
  sqs.faults.duplicate = 1;
  sqs.send(arn, "a");
  clock.after(5000, () => {
    sqs.faults.duplicate = 0;
  });
  consume();
  await clock.sleep(300_000);
  expect(received.slice(0, 2)).toEqual(["a1", "a2"]);
});

test("a message whose deletion a server missed comes back and ends in the dead-letter queue if that goes on", async () => {
  sqs.faults.duplicate = 1;
  sqs.send(arn, "a");
  consume();
  await clock.sleep(600_000);
  expect(received).toEqual(["a1", "a2", "a3", "a4"]);
  expect(sqs.messages(deadArn).map(({ body }) => body)).toEqual(["a"]);
});

test("reordered messages all arrive", async () => {
  sqs.faults.reorder = 1;
  const sent = [..."abcdefghij"];
  for (const body of sent) sqs.send(arn, body);
  consume();
  await clock.sleep(10_000);
  const bodies = received.map((text) => text[0]);
  expect(bodies).not.toEqual(sent);
  expect(bodies.toSorted()).toEqual(sent);
});
