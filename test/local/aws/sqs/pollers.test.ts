import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Throttled } from "../../../../local/aws/gateway/throttled.ts";
import { createPollers } from "../../../../local/aws/sqs/pollers.ts";
import { createSqs, type Sqs } from "../../../../local/aws/sqs/sqs.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";

describe("the pollers of a queue", () => {
  it("start with five batches, grow by 300 a minute while there are messages, and rest without", () => {
    const pollers = createPollers();
    expect([0, 199, 200, 60_000].map(pollers.count)).toEqual([5, 5, 6, 305]);
    expect(pollers.count(3_600_000)).toBe(1250);
    pollers.rest();
    expect(pollers.count(3_700_000)).toBe(5);
  });

  it("never exceed the mapping's maximum", () => {
    const pollers = createPollers(2);
    expect(pollers.count(0)).toBe(2);
    expect(pollers.count(60_000)).toBe(2);
    expect(pollers.canGrow(60_000)).toBe(false);
  });

  it("are halved by each throttle", () => {
    const pollers = createPollers();
    expect(pollers.count(0)).toBe(5);
    pollers.backOff(0);
    pollers.backOff(0);
    expect(pollers.count(0)).toBe(1);
  });
});

describe("a queue whose function is throttled", () => {
  let clock: VirtualClock;
  let sqs: Sqs;
  let arn: string;
  let deadArn: string;
  beforeEach(() => {
    clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24));
    sqs = createSqs({ clock, baseUrl: () => "http://127.0.0.1" });
    deadArn = sqs.create({ name: "dead-letters" }).arn;
    const redrive = { deadLetterArn: deadArn, maxReceiveCount: 3 };
    arn = sqs.create({ name: "pool", visibilityTimeout: 75, redrive }).arn;
  });
  afterEach(() => clock.stop());

  const throttledFor = (ms: number) => {
    const until = clock.now() + ms;
    const receives: string[] = [];
    sqs.consume(arn, { batchSize: 1, reportBatchItemFailures: true }, async ([record]) => {
      if (clock.now() < until) throw new Throttled("pool", "too many");
      receives.push(record?.attributes.ApproximateReceiveCount ?? "");
      return undefined;
    });
    sqs.send(arn, "a");
    return receives;
  };

  it("invokes it again within the visibility timeout without another receive", async () => {
    const receives = throttledFor(10_000);
    await clock.sleep(60_000);
    expect(receives).toEqual(["1"]);
  });

  it("receives the messages again after the visibility timeout", async () => {
    const receives = throttledFor(90_000);
    await clock.sleep(240_000);
    expect(receives).toEqual(["2"]);
  });

  it("gives them up to the dead-letter queue in the end", async () => {
    const receives = throttledFor(600_000);
    await clock.sleep(600_000);
    expect(receives).toEqual([]);
    expect(sqs.messages(deadArn).map(({ body }) => body)).toEqual(["a"]);
  });
});
