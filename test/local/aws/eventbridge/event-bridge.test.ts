import {
  DescribeRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEventBridge, type EventBridge } from "../../../../local/aws/eventbridge/event-bridge.ts";
import { REORDER_WINDOW_MS } from "../../../../local/aws/eventbridge/faults.ts";
import { ACCOUNT, CloudError, type ConditionContext, REGION } from "../../../../local/aws/gateway/service.ts";
import { createSqs, type Sqs } from "../../../../local/aws/sqs/sqs.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";
import { type HeldClock, holdClock } from "../sqs/held.ts";
import { type Served, serve } from "../sqs/serve.ts";

let clock: VirtualClock;
let time: HeldClock;
let sqs: Sqs;
let bridge: EventBridge;
let server: Served;
let client: EventBridgeClient;
let demand: string;
let invoked: unknown[];
let lambdaFails: boolean;
let permissionChecks: { action: string; resources: readonly string[]; context?: ConditionContext }[];
const onlyThisSource = (context?: ConditionContext) => context?.["events:source"] === "stratos.forwarder";

/** Returns the same sequence every time, so that a failing test fails the same way again. */
const seeded = () => {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
};

beforeEach(async () => {
  clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24));
  time = holdClock(clock);
  invoked = [];
  permissionChecks = [];
  lambdaFails = false;
  sqs = createSqs({ clock, baseUrl: () => "http://127.0.0.1" });
  demand = sqs.create({ name: "demand", policy: openPolicy }).arn;
  bridge = createEventBridge({
    clock,
    account: ACCOUNT,
    region: REGION,
    random: seeded(),
    targets: {
      sqs: sqs.send,
      lambda: (_, event) => {
        if (lambdaFails) throw new Error("throttled");
        invoked.push(event);
      },
    },
  });
  bridge.createBus("stratos");
  server = await serve(
    clock,
    () => bridge.service,
    (action, resources, context) => {
      permissionChecks.push({ action, resources, context });
      if (action !== "events:PutEvents" || onlyThisSource(context)) return;
      throw new CloudError("AccessDenied", `not authorized: ${action}`, 403);
    },
  );
  client = new EventBridgeClient({ ...server.client, maxAttempts: 1 });
});

afterEach(async () => {
  bridge.stop();
  client.destroy();
  clock.stop();
  await server.stop();
});

const openPolicy = {
  Statement: {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: "*",
  },
};

const wakeDemand = () =>
  bridge.putRule({
    name: "pods",
    busName: "stratos",
    pattern: { source: ["stratos.forwarder"], "detail-type": ["Pods Unschedulable"] },
    targets: [
      {
        Id: "demand",
        Arn: demand,
        InputTransformer: { InputPathsMap: { c: "$.detail.cluster" }, InputTemplate: '{"key":"<c>"}' },
      },
    ],
  });

const anEntry = (overrides: object = {}) => ({
  EventBusName: "stratos",
  Source: "stratos.forwarder",
  DetailType: "Pods Unschedulable",
  Detail: '{"cluster":"my-cluster"}',
  ...overrides,
});

const putEvents = (...Entries: ReturnType<typeof anEntry>[]) => client.send(new PutEventsCommand({ Entries }));
const queued = () => sqs.messages(demand).map((message) => message.body);
const entry = (cluster: string) => ({
  source: "stratos.forwarder",
  detailType: "Pods Unschedulable",
  detail: { cluster },
});

describe("PutEvents", () => {
  test("delivers a matching event to its queue, transformed, within 200 ms", async () => {
    wakeDemand();
    const response = await putEvents(anEntry(), anEntry({ DetailType: "Something Else" }));
    expect(response.FailedEntryCount).toBe(0);
    expect(queued()).toEqual([]);
    await time.pass(200);
    expect(queued()).toEqual(['{"key":"my-cluster"}']);
    expect(bridge.metrics("pods", "stratos")).toMatchObject({ matched: 1, invocations: 1, failed: 0 });
  });

  test("checks the caller's permission with the bus, source and detail type", async () => {
    await putEvents(anEntry());
    expect(permissionChecks).toEqual([
      {
        action: "events:PutEvents",
        resources: [`arn:aws:events:${REGION}:${ACCOUNT}:event-bus/stratos`],
        context: { "events:source": "stratos.forwarder", "events:detail-type": "Pods Unschedulable" },
      },
    ]);
    await expect(putEvents(anEntry({ Source: "forged" }))).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test.each([
    ["no detail", { Detail: undefined }, "InvalidArgument"],
    ["detail that is not an object", { Detail: "[1]" }, "MalformedDetail"],
    ["no detail type", { DetailType: "" }, "InvalidArgument"],
    ["an unknown bus", { EventBusName: "missing" }, "InvalidArgument"],
  ])("fails only the entry with %s", async (_, overrides, code) => {
    const response = await putEvents(anEntry(overrides), anEntry());
    expect(response.FailedEntryCount).toBe(1);
    expect(response.Entries?.map((result) => result.ErrorCode)).toEqual([code, undefined]);
  });

  test("rejects eleven entries and too many bytes", async () => {
    const eleven = Array.from({ length: 11 }, () => anEntry());
    await expect(putEvents(...eleven)).rejects.toMatchObject({ name: "ValidationException" });
    const large = anEntry({ Detail: JSON.stringify({ text: "x".repeat(1_048_576) }) });
    await expect(putEvents(large)).rejects.toThrow(/Total size of the entries/);
  });
});

test("a one-minute schedule invokes its function every minute", async () => {
  const arn = bridge.putRule({
    name: "sweep",
    schedule: "rate(1 minute)",
    targets: [{ Id: "sweep", Arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:sweep` }],
  });
  await time.pass(3 * 60_000 + 1000);
  expect(invoked).toHaveLength(3);
  expect(invoked[0]).toMatchObject({
    "detail-type": "Scheduled Event",
    resources: [arn],
    time: "2026-11-24T00:01:00Z",
  });
});

describe("delivery", () => {
  test("retries a failing target until it succeeds", async () => {
    const Arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:ec2-events`;
    bridge.putRule({ name: "ec2", pattern: { source: ["aws.ec2"] }, targets: [{ Id: "a", Arn }] });
    lambdaFails = true;
    bridge.put("default", { source: "aws.ec2", detailType: "State", detail: {} });
    await time.pass(5_000);
    lambdaFails = false;
    await time.pass(60_000);
    expect(invoked).toHaveLength(1);
  });

  test("sends the event to the dead-letter queue after the target's retries", async () => {
    const dead = sqs.create({ name: "undelivered", policy: openPolicy }).arn;
    const Arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:ec2-events`;
    const RetryPolicy = { MaximumRetryAttempts: 2 };
    const target = { Id: "a", Arn, RetryPolicy, DeadLetterConfig: { Arn: dead } };
    bridge.putRule({ name: "ec2", pattern: { source: ["aws.ec2"] }, targets: [target] });
    lambdaFails = true;
    bridge.put("default", { source: "aws.ec2", detailType: "State", detail: {} });
    await time.pass(60_000);
    expect(bridge.metrics("ec2")).toEqual({ matched: 1, invocations: 3, failed: 1, sentToDeadLetter: 1 });
    expect(sqs.messages(dead)[0]?.attributes.ERROR_MESSAGE?.StringValue).toBe("throttled");
  });

  test("fails without retries if the queue's policy does not allow the rule", async () => {
    wakeDemand();
    sqs.setPolicy(demand, { Statement: [] });
    bridge.put("stratos", entry("my-cluster"));
    await time.pass(60_000);
    expect(queued()).toEqual([]);
    expect(bridge.metrics("pods", "stratos")).toMatchObject({ invocations: 1, failed: 1 });
  });
});

describe("faults", () => {
  test("drop or duplicate every delivery", async () => {
    wakeDemand();
    bridge.faults.drop = 1;
    bridge.put("stratos", entry("a"));
    await time.pass(1000);
    expect(queued()).toEqual([]);
    Object.assign(bridge.faults, { drop: 0, duplicate: 1 });
    bridge.put("stratos", entry("b"));
    await time.pass(1000);
    expect(queued()).toEqual(['{"key":"b"}', '{"key":"b"}']);
    expect(bridge.counts).toMatchObject({ dropped: 1, duplicated: 1, delivered: 2 });
  });

  test("delay deliveries", async () => {
    wakeDemand();
    bridge.faults.delayMs = [10_000, 20_000];
    bridge.put("stratos", entry("a"));
    await time.pass(9_000);
    expect(queued()).toEqual([]);
    await time.pass(12_000);
    expect(queued()).toHaveLength(1);
  });

  test("delay only some deliveries if not all are late", async () => {
    wakeDemand();
    Object.assign(bridge.faults, { late: 0.5, delayMs: [10_000, 20_000] });
    for (let index = 0; index < 20; index += 1) bridge.put("stratos", entry(`${index}`));
    await time.pass(1000);
    const onTime = queued().length;
    expect(onTime).toBeGreaterThan(0);
    expect(onTime).toBeLessThan(20);
    await time.pass(20_000);
    expect(queued()).toHaveLength(20);
  });

  test("reorder deliveries without losing any", async () => {
    wakeDemand();
    bridge.faults.reorder = 0.5;
    const sent = Array.from({ length: 20 }, (_, index) => `{"key":"${index}"}`);
    sent.forEach((_, index) => void bridge.put("stratos", entry(`${index}`)));
    await time.pass(REORDER_WINDOW_MS + 1000);
    expect(queued()).not.toEqual(sent);
    expect(queued().sort()).toEqual([...sent].sort());
  });
});

test("rules created through the API work and can be described", async () => {
  const rule = { Name: "made", EventBusName: "stratos" };
  await client.send(new PutRuleCommand({ ...rule, EventPattern: '{"source":["stratos.forwarder"]}' }));
  await client.send(
    new PutTargetsCommand({ Rule: "made", EventBusName: "stratos", Targets: [{ Id: "1", Arn: demand, Input: "{}" }] }),
  );
  await putEvents(anEntry());
  await time.pass(1000);
  expect(queued()).toEqual(["{}"]);
  const targets = await client.send(new ListTargetsByRuleCommand({ Rule: "made", EventBusName: "stratos" }));
  expect(targets.Targets).toEqual([{ Id: "1", Arn: demand, Input: "{}" }]);
  expect((await client.send(new ListEventBusesCommand({}))).EventBuses?.map((bus) => bus.Name)).toEqual([
    "default",
    "stratos",
  ]);
  expect(await client.send(new DescribeRuleCommand(rule))).toMatchObject({ State: "ENABLED" });
  const missing = new DescribeRuleCommand({ ...rule, Name: "missing" });
  await expect(client.send(missing)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  const invalid = new PutRuleCommand({ ...rule, EventPattern: '{"source":"x"}' });
  await expect(client.send(invalid)).rejects.toMatchObject({ name: "InvalidEventPatternException" });
});
