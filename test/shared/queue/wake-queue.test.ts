import { SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSqs } from "../../../local/aws/sqs/sqs.ts";
import { createClock } from "../../../local/clock.ts";
import { createWakeQueue } from "../../../shared/queue/wake-queue.ts";
import { startTestGateway } from "../../local/aws/gateway.ts";

const START = Date.parse("2026-11-24T03:00:00Z");

/** A pool queue in the local SQS, whose clock stands still. */
const setup = async () => {
  const clock = createClock(1, START);
  clock.stop();
  let baseUrl = "";
  const sqs = createSqs({ clock, baseUrl: () => baseUrl });
  const gateway = await startTestGateway({ clock, services: [sqs.service] });
  baseUrl = gateway.url;
  const { url, arn } = sqs.create({ name: "pool" });
  const client = new SQSClient(gateway.client);
  onTestFinished(async () => {
    client.destroy();
    await gateway.stop();
  });
  const messages = () =>
    sqs.messages(arn).map(({ body, visibleAt }) => ({
      ...JSON.parse(body),
      inSeconds: Math.round(Math.max(0, visibleAt - clock.now()) / 1000),
    }));
  return { wakeQueue: createWakeQueue(client, { pool: url }), messages };
};

describe("the wake queue", () => {
  it("wakes many keys, each once", async () => {
    const { wakeQueue, messages } = await setup();
    const keys = Array.from({ length: 25 }, (_, index) => `c/p${index}`);
    await wakeQueue.enqueue("pool", [...keys, ...keys]);
    expect(messages().map(({ key }) => key)).toEqual(keys);
    await wakeQueue.enqueue("pool", []);
    expect(messages()).toHaveLength(25);
  });

  it("wakes a key at its time, never before", async () => {
    const { wakeQueue, messages } = await setup();
    expect(await wakeQueue.enqueueAt("pool", "c/p", START + 10_001, START)).toBe(true);
    expect(await wakeQueue.enqueueAt("pool", "c/q", START - 5_000, START)).toBe(true);
    expect(messages()).toMatchObject([
      { key: "c/p", at: START + 10_001, inSeconds: 11 },
      { key: "c/q", at: START - 5_000, inSeconds: 0 },
    ]);
  });

  it("leaves keys to the sweep that are due later than SQS's maximum delay", async () => {
    const { wakeQueue, messages } = await setup();
    expect(await wakeQueue.enqueueAt("pool", "c/p", START + 900_001, START)).toBe(false);
    expect(messages()).toEqual([]);
  });

  it("rejects a kind without a queue URL and names it", async () => {
    const { wakeQueue } = await setup();
    await expect(wakeQueue.enqueue("demand", ["c"])).rejects.toThrow("no queue URL for demand");
  });
});
