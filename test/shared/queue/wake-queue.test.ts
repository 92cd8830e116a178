import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSqs } from "../../../local/aws/sqs/sqs.ts";
import { createClock } from "../../../local/clock.ts";
import { createDoorbell } from "../../../shared/queue/wake-queue.ts";
import { startTestFront } from "../../local/aws/gateway.ts";

const START = Date.parse("2026-11-24T03:00:00Z");

/** A pool queue of the embedded cloud, whose clock stands still. */
const setup = async () => {
  const clock = createClock(1, START);
  clock.stop();
  let baseUrl = "";
  const sqs = createSqs({ clock, baseUrl: () => baseUrl });
  const front = await startTestFront({ clock, services: [sqs.service] });
  baseUrl = front.url;
  const { url, arn } = sqs.create({ name: "pool" });
  const client = new SQSClient(front.client);
  onTestFinished(async () => {
    client.destroy();
    await front.stop();
  });
  const messages = () =>
    sqs.messages(arn).map(({ body, visibleAt }) => ({
      ...JSON.parse(body),
      inSeconds: Math.round(Math.max(0, visibleAt - clock.now()) / 1000),
    }));
  return { client, url, doorbell: createDoorbell(client, { pool: url }), messages };
};

describe("the doorbell", () => {
  it("rings many keys at once, each once", async () => {
    const { doorbell, messages } = await setup();
    const keys = Array.from({ length: 25 }, (_, index) => `c/p${index}`);
    await doorbell.wake("pool", [...keys, ...keys]);
    expect(messages().map(({ key }) => key)).toEqual(keys);
    await doorbell.wake("pool", []);
    expect(messages()).toHaveLength(25);
  });

  it("wakes a key at its time, never before", async () => {
    const { doorbell, messages } = await setup();
    expect(await doorbell.wakeAt("pool", "c/p", START + 10_001, START)).toBe(true);
    expect(await doorbell.wakeAt("pool", "c/q", START - 5_000, START)).toBe(true);
    expect(messages()).toMatchObject([
      { key: "c/p", at: START + 10_001, inSeconds: 11 },
      { key: "c/q", at: START - 5_000, inSeconds: 0 },
    ]);
  });

  it("leaves to the sweep what is further off than SQS can wait", async () => {
    const { doorbell, messages } = await setup();
    expect(await doorbell.wakeAt("pool", "c/p", START + 900_001, START)).toBe(false);
    expect(messages()).toEqual([]);
  });

  it("rings later without being a wake of the key's own", async () => {
    const { doorbell, messages } = await setup();
    await doorbell.ringLater("pool", "c/p", 75_000);
    expect(messages()).toEqual([{ key: "c/p", inSeconds: 75 }]);
  });

  it("keeps a received message away", async () => {
    const { doorbell, client, url, messages } = await setup();
    await doorbell.wake("pool", ["c/p"]);
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: url }));
    await doorbell.hide("pool", Messages[0]?.ReceiptHandle ?? "", 60_000);
    expect(messages()).toEqual([{ key: "c/p", inSeconds: 60 }]);
  });

  it("that a function has no queue for is refused by name", async () => {
    const { doorbell } = await setup();
    await expect(doorbell.wake("demand", ["c"])).rejects.toThrow("no queue for demand");
  });
});
