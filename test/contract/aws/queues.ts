import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, test } from "vitest";
import { createWakeQueue } from "../../../shared/queue/wake-queue.ts";
import { documented } from "../documented.ts";
import { type Cloud, type Connect, type Implementation, until } from "./cloud.ts";

/** A second of the queue's time, with a margin. */
const A_SECOND = 1200;
const SQS_API = "Amazon SQS API Reference";

export const describeQueues = (implementation: Implementation, connect: Connect): void => {
  describe(`SQS on ${implementation}`, () => {
    let cloud: Cloud;
    beforeAll(async () => {
      cloud = await connect();
    });

    let queues = 0;
    const create = async (Attributes: Record<string, string> = {}): Promise<string> => {
      queues += 1;
      const { QueueUrl = "" } = await cloud.sqs.send(
        new CreateQueueCommand({ QueueName: `queue-${queues}`, Attributes }),
      );
      return QueueUrl;
    };
    const send = (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
      cloud.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
    const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> => {
      const request = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], ...more };
      return (await cloud.sqs.send(new ReceiveMessageCommand(request))).Messages ?? [];
    };
    const bodies = async (QueueUrl: string) => (await receive(QueueUrl)).map(({ Body = "" }) => Body).sort();
    const arnOf = async (QueueUrl: string) => {
      const request = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
      return (await cloud.sqs.send(request)).Attributes?.QueueArn ?? "";
    };

    describe("a queue", () => {
      test("returns messages unchanged, and not after they were deleted", async () => {
        const url = await create({ VisibilityTimeout: "1" });
        const attribute = { DataType: "String", StringValue: "blue" };
        const { MessageId } = await send(url, '{"key":"é & <b>"}', { MessageAttributes: { colour: attribute } });
        const [message] = await receive(url, { MessageAttributeNames: ["All"] });
        expect(message).toMatchObject({
          MessageId,
          Body: '{"key":"é & <b>"}',
          MessageAttributes: { colour: attribute },
        });
        const { ReceiptHandle } = message ?? {};
        await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
        await cloud.pass(A_SECOND);
        expect(await receive(url)).toEqual([]);
      });

      test("hides a received message for the visibility timeout, and counts its receives", async () => {
        const url = await create({ VisibilityTimeout: "1" });
        const sentAt = (await send(url, "a")).MessageId;
        expect((await receive(url))[0]?.Attributes?.ApproximateReceiveCount).toBe("1");
        expect(await receive(url)).toEqual([]);
        await cloud.pass(A_SECOND);
        const [again] = await receive(url);
        expect(again).toMatchObject({ MessageId: sentAt, Attributes: { ApproximateReceiveCount: "2" } });
      });

      test("delays a message by its own delay, by default the queue's", async () => {
        const url = await create({ DelaySeconds: "1" });
        await send(url, "by the queue's");
        await send(url, "by none", { DelaySeconds: 0 });
        await send(url, "by its own", { DelaySeconds: 2 });
        expect(await bodies(url)).toEqual(["by none"]);
        await cloud.pass(A_SECOND);
        expect(await bodies(url)).toEqual(["by the queue's"]);
        await cloud.pass(A_SECOND);
        expect(await bodies(url)).toEqual(["by its own"]);
      });

      test("answers a long poll as soon as there is a message", async () => {
        const url = await create();
        const waiting = receive(url, { WaitTimeSeconds: 20 });
        await send(url, "late");
        expect((await waiting).map(({ Body }) => Body)).toEqual(["late"]);
      });

      test("moves a message that was received too often to the dead-letter queue", async () => {
        const dead = await create();
        const policy = { deadLetterTargetArn: await arnOf(dead), maxReceiveCount: 2 };
        const url = await create({ VisibilityTimeout: "1", RedrivePolicy: JSON.stringify(policy) });
        await send(url, "poison");
        for (let receives = 0; receives < 2; receives += 1) {
          expect(await bodies(url)).toEqual(["poison"]);
          await cloud.pass(A_SECOND);
        }
        expect(await bodies(url)).toEqual([]);
        expect(await bodies(dead)).toEqual(["poison"]);
      });

      test("counts visible, delayed and in-flight messages", async () => {
        const url = await create();
        await send(url, "in flight");
        await receive(url);
        await send(url, "to be seen");
        await send(url, "delayed", { DelaySeconds: 100 });
        const request = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
        expect((await cloud.sqs.send(request)).Attributes).toMatchObject({
          ApproximateNumberOfMessages: "1",
          ApproximateNumberOfMessagesDelayed: "1",
          ApproximateNumberOfMessagesNotVisible: "1",
        });
      });
    });

    describe("a message's visibility", () => {
      const change = (QueueUrl: string, ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
        cloud.sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));

      test("can be extended and shortened", async () => {
        const url = await create({ VisibilityTimeout: "1" });
        await send(url, "a");
        const [message] = await receive(url);
        await change(url, message?.ReceiptHandle, 100);
        await cloud.pass(A_SECOND);
        expect(await receive(url)).toEqual([]);
        await change(url, message?.ReceiptHandle, 0);
        expect(await bodies(url)).toEqual(["a"]);
      });

      documented(
        implementation,
        {
          name: "cannot be changed once it is visible again",
          source: `"ChangeMessageVisibility", MessageNotInflight (${SQS_API})`,
          deviations: { moto: ["hides it again", /resolved .* instead of rejecting/] },
        },
        async () => {
          const url = await create({ VisibilityTimeout: "1" });
          await send(url, "a");
          const [message] = await receive(url);
          await cloud.pass(A_SECOND);
          await expect(change(url, message?.ReceiptHandle, 10)).rejects.toMatchObject({ name: "MessageNotInflight" });
        },
      );

      test("is at most twelve hours", async () => {
        const url = await create();
        await send(url, "a");
        const [message] = await receive(url);
        await expect(change(url, message?.ReceiptHandle, 43_201)).rejects.toThrow(/visibility ?timeout/i);
      });
    });

    describe("a batch", () => {
      const batch = (QueueUrl: string, Entries: { Id: string; MessageBody: string; DelaySeconds?: number }[]) =>
        cloud.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

      test("sends all of its messages and reports no failure", async () => {
        const url = await create();
        const ids = Array.from({ length: 10 }, (_, index) => `${index}`);
        const answer = await batch(
          url,
          ids.map((Id) => ({ Id, MessageBody: `body-${Id}` })),
        );
        expect(answer.Failed ?? []).toEqual([]);
        expect(answer.Successful?.map(({ Id }) => Id)).toEqual(ids);
        expect(await bodies(url)).toEqual(ids.map((id) => `body-${id}`));
      });

      test("fails only for its invalid entries", async () => {
        const url = await create();
        const answer = await batch(url, [
          { Id: "good", MessageBody: "a" },
          { Id: "bad", MessageBody: "b", DelaySeconds: 901 },
        ]);
        expect(answer.Successful?.map(({ Id }) => Id)).toEqual(["good"]);
        expect(answer.Failed).toMatchObject([{ Id: "bad", Code: expect.stringMatching(/^InvalidParameterValue/) }]);
        expect(await bodies(url)).toEqual(["a"]);
      });

      test("has one to ten entries with distinct ids", async () => {
        const url = await create();
        const entries = (ids: string[]) => ids.map((Id) => ({ Id, MessageBody: "a" }));
        const eleven = entries(Array.from({ length: 11 }, (_, index) => `id-${index}`));
        await expect(batch(url, eleven)).rejects.toMatchObject({ name: "TooManyEntriesInBatchRequest" });
        await expect(batch(url, entries(["a", "a"]))).rejects.toMatchObject({ name: "BatchEntryIdsNotDistinct" });
        await expect(batch(url, [])).rejects.toMatchObject({ name: "EmptyBatchRequest" });
      });

      test("deletes all of its messages", async () => {
        const url = await create({ VisibilityTimeout: "1" });
        for (const body of ["a", "b"]) await send(url, body);
        const Entries = (await receive(url)).map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
        const answer = await cloud.sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
        expect(answer.Successful).toHaveLength(2);
        await cloud.pass(A_SECOND);
        expect(await receive(url)).toEqual([]);
      });
    });

    describe("an error", () => {
      test("names a queue that does not exist", async () => {
        const there = await create();
        const missing = send(there.replace(/[^/]+$/, "missing"), "a");
        await expect(missing).rejects.toMatchObject({ name: "QueueDoesNotExist" });
      });

      test("names an invalid receipt handle", async () => {
        const bogus = new DeleteMessageCommand({ QueueUrl: await create(), ReceiptHandle: "bogus" });
        await expect(cloud.sqs.send(bogus)).rejects.toMatchObject({ name: "ReceiptHandleIsInvalid" });
      });

      test("names a delay of more than 15 minutes", async () => {
        await expect(send(await create(), "a", { DelaySeconds: 901 })).rejects.toThrow(/DelaySeconds/);
      });
    });

    describe("Stratos's wake queue", () => {
      const setup = async () => {
        const url = await create({ VisibilityTimeout: "75" });
        return { url, wakeQueue: createWakeQueue(cloud.sqs, { pool: url }) };
      };

      test("delivers one message for each of many keys", async () => {
        const { url, wakeQueue } = await setup();
        const keys = Array.from({ length: 25 }, (_, index) => `my-cluster/pool-${index}`);
        await wakeQueue.enqueue("pool", [...keys, ...keys]);
        const received: string[] = [];
        await until(cloud, "every key has a message", async () => {
          received.push(...(await bodies(url)));
          return received.length >= keys.length;
        });
        expect(received.sort()).toEqual(keys.map((key) => JSON.stringify({ key })).sort());
      });

      test("delivers at the requested time, and not beyond SQS's maximum delay", async () => {
        const { url, wakeQueue } = await setup();
        expect(await wakeQueue.enqueueAt("pool", "c/p", 1500, 1000)).toBe(true);
        expect(await bodies(url)).toEqual([]);
        await cloud.pass(A_SECOND);
        expect(await bodies(url)).toEqual(['{"key":"c/p","at":1500}']);
        expect(await wakeQueue.enqueueAt("pool", "c/p", 901_000, 0)).toBe(false);
      });
    });
  });
};
