import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { CloudError } from "../../../../local/aws/gateway/service.ts";
import { createSqs, type Sqs } from "../../../../local/aws/sqs/sqs.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";
import { type HeldClock, holdClock } from "./held.ts";
import { type Served, serve } from "./serve.ts";

let clock: VirtualClock;
let time: HeldClock;
let sqs: Sqs;
let server: Served;
let client: SQSClient;
let denied: string | undefined;

beforeEach(async () => {
  denied = undefined;
  clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24));
  time = holdClock(clock);
  server = await serve(
    clock,
    () => sqs.service,
    (action, resources) => {
      if (action === denied) throw new CloudError("AccessDenied", `not authorized: ${action} on ${resources}`, 403);
    },
  );
  sqs = createSqs({ clock, baseUrl: () => server.url });
  client = new SQSClient({ ...server.client, maxAttempts: 1 });
});

afterEach(async () => {
  client.destroy();
  clock.stop();
  await server.stop();
});

const send = (url: string, MessageBody: string, more: object = {}) =>
  client.send(new SendMessageCommand({ QueueUrl: url, MessageBody, ...more }));

const receive = async (url: string, more: object = {}) => {
  const input = { QueueUrl: url, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], ...more };
  return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
};

describe("a queue", () => {
  test("returns a sent message with its attributes, and not after it is deleted", async () => {
    const { url } = sqs.create({ name: "demand" });
    const attribute = { DataType: "String", StringValue: "blue" };
    await send(url, '{"key":"my-cluster"}', { MessageAttributes: { colour: attribute } });
    const [message] = await receive(url, { MessageAttributeNames: ["All"] });
    expect(message).toMatchObject({
      Body: '{"key":"my-cluster"}',
      MessageAttributes: { colour: attribute },
      Attributes: { ApproximateReceiveCount: "1" },
    });
    await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message?.ReceiptHandle }));
    await time.pass(60_000);
    expect(await receive(url)).toEqual([]);
  });

  test("hides a received message for the visibility timeout and counts its receives", async () => {
    const { url, arn } = sqs.create({ name: "pool", visibilityTimeout: 75 });
    await send(url, "a");
    await receive(url);
    expect(sqs.depth(arn)).toEqual({ visible: 0, delayed: 0, inFlight: 1 });
    await time.pass(74_000);
    expect(await receive(url)).toEqual([]);
    await time.pass(1_100);
    expect((await receive(url))[0]?.Attributes?.ApproximateReceiveCount).toBe("2");
  });

  test("delays a message by its own delay or, if it has none, by the queue's", async () => {
    const { url, arn } = sqs.create({ name: "delayed", delaySeconds: 5 });
    await send(url, "queue's delay");
    await send(url, "own delay", { DelaySeconds: 600 });
    expect(sqs.depth(arn)).toEqual({ visible: 0, delayed: 2, inFlight: 0 });
    await time.pass(5_100);
    expect((await receive(url)).map((message) => message.Body)).toEqual(["queue's delay"]);
    await time.pass(595_000);
    expect((await receive(url)).map((message) => message.Body)).toContain("own delay");
  });

  test("answers a long poll as soon as a message arrives", async () => {
    const { url, arn } = sqs.create({ name: "polled" });
    clock.after(7_000, () => sqs.send(arn, "late"));
    const startedAt = clock.now();
    const messages = await time.during(() => receive(url, { WaitTimeSeconds: 20 }));
    expect(messages.map((message) => message.Body)).toEqual(["late"]);
    expect(clock.now() - startedAt).toBeLessThan(8_000);
    expect(await time.during(() => receive(url, { WaitTimeSeconds: 20 }))).toEqual([]);
    expect(clock.now() - startedAt).toBeGreaterThan(20_000);
  });

  test("moves a message that was received too often to the dead-letter queue", async () => {
    const dead = sqs.create({ name: "dead" });
    const { url, arn } = sqs.create({
      name: "fragile",
      visibilityTimeout: 1,
      redrive: { deadLetterArn: dead.arn, maxReceiveCount: 2 },
    });
    await send(url, "poison");
    for (let receives = 0; receives < 2; receives += 1) {
      expect(await receive(url)).toHaveLength(1);
      await time.pass(1_100);
    }
    expect(await receive(url)).toEqual([]);
    expect(sqs.messages(arn)).toEqual([]);
    const [deadLetter] = await receive(dead.url);
    expect(deadLetter).toMatchObject({ Body: "poison", Attributes: { DeadLetterQueueSourceArn: arn } });
  });

  test("ChangeMessageVisibility shows a message earlier or later, and fails once it is visible", async () => {
    const { url } = sqs.create({ name: "changed" });
    await send(url, "a");
    const ReceiptHandle = (await receive(url))[0]?.ReceiptHandle;
    const change = (VisibilityTimeout: number) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout }));
    await change(100);
    await time.pass(60_000);
    expect(await receive(url)).toEqual([]);
    await change(0);
    await expect(change(10)).rejects.toMatchObject({ name: "MessageNotInflight" });
    expect(await receive(url)).toHaveLength(1);
  });
});

describe("the API", () => {
  test("creates, finds, lists, changes and purges queues", async () => {
    const created = await client.send(
      new CreateQueueCommand({ QueueName: "made", Attributes: { VisibilityTimeout: "75", DelaySeconds: "0" } }),
    );
    expect((await client.send(new GetQueueUrlCommand({ QueueName: "made" }))).QueueUrl).toBe(created.QueueUrl);
    expect((await client.send(new ListQueuesCommand({ QueueNamePrefix: "ma" }))).QueueUrls).toEqual([created.QueueUrl]);
    const QueueUrl = created.QueueUrl ?? "";
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: "10" } }));
    await send(QueueUrl, "a");
    const attributes = async () =>
      (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))).Attributes;
    expect(await attributes()).toMatchObject({ VisibilityTimeout: "10", ApproximateNumberOfMessages: "1" });
    await client.send(new PurgeQueueCommand({ QueueUrl }));
    expect(await attributes()).toMatchObject({ ApproximateNumberOfMessages: "0" });
  });

  test("fails only the invalid entries of a batch", async () => {
    const { url, arn } = sqs.create({ name: "batch" });
    const Entries = [
      { Id: "good", MessageBody: "a" },
      { Id: "bad", MessageBody: "b", DelaySeconds: 901 },
    ];
    const response = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
    expect(response.Successful?.map((entry) => entry.Id)).toEqual(["good"]);
    expect(response.Failed?.map((entry) => entry.Id)).toEqual(["bad"]);
    expect(sqs.messages(arn).map((message) => message.body)).toEqual(["a"]);
  });

  test("rejects a batch of eleven, a repeated id and an empty batch", async () => {
    const { url } = sqs.create({ name: "batch" });
    const batch = (ids: string[]) =>
      client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: ids.map((Id) => ({ Id, MessageBody: "a" })) }));
    const eleven = Array.from({ length: 11 }, (_, index) => `id-${index}`);
    await expect(batch(eleven)).rejects.toMatchObject({ name: "TooManyEntriesInBatchRequest" });
    await expect(batch(["a", "a"])).rejects.toMatchObject({ name: "BatchEntryIdsNotDistinct" });
    await expect(batch([])).rejects.toMatchObject({ name: "EmptyBatchRequest" });
  });

  test("returns SQS's error codes", async () => {
    const missing = `${server.url}/123456789012/missing`;
    await expect(send(missing, "a")).rejects.toMatchObject({ name: "QueueDoesNotExist" });
    const { url } = sqs.create({ name: "existing" });
    const withBadReceipt = new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: "bogus" });
    await expect(client.send(withBadReceipt)).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
    denied = "sqs:SendMessage";
    await expect(send(url, "a")).rejects.toThrow(/not authorized: sqs:SendMessage on arn:aws:sqs:.*:existing/);
  });
});
