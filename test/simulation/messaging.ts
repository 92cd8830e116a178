/** The simulated queues, and the bus with the rules of the stack's template. */
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { createEventBridge, type EventBridge } from "../../local/aws/eventbridge/event-bridge.ts";
import { type BusFaults, noBusFaults } from "../../local/aws/eventbridge/faults.ts";
import { ACCOUNT, REGION } from "../../local/aws/gateway/service.ts";
import { consumeQueue } from "../../local/aws/sqs/consumer.ts";
import { noQueueFaults, type QueueFaults } from "../../local/aws/sqs/faults.ts";
import { createQueue, type Queue } from "../../local/aws/sqs/queue.ts";
import { defaultSettings } from "../../local/aws/sqs/settings.ts";
import { DETAIL_TYPE, FORWARDER_SOURCE_PREFIX, type ReconcilerKind } from "../../shared/model/events.ts";
import { BATCH_SIZE, LEASE_MS, MAX_RECEIVES } from "../../shared/model/limits.ts";
import type { SimulatedClock } from "./clock.ts";
import type { Random } from "./random.ts";
import type { Command } from "./sdk.ts";

const KINDS: readonly ReconcilerKind[] = ["demand", "pool", "nodeclass"];
export const BUS = "stratos";

const arnOf = (service: string, name: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${name}`;
const queueArn = (kind: ReconcilerKind) => arnOf("sqs", kind);
const functionArn = (name: string) => arnOf("lambda", `function:${name}`);
const queueUrl = (kind: ReconcilerKind) => `https://sqs/${kind}`;

export const QUEUE_URLS: Readonly<Record<ReconcilerKind, string>> = {
  demand: queueUrl("demand"),
  pool: queueUrl("pool"),
  nodeclass: queueUrl("nodeclass"),
};

export interface Messaging {
  readonly bus: EventBridge;
  readonly busFaults: BusFaults;
  readonly queueFaults: QueueFaults;
  /** Carries out a command of the SQS client at once. */
  executeSqs(command: Command): unknown;
  /** Carries out a command of the EventBridge client at once. */
  executeEvents(command: Command): unknown;
  deadLetters(): number;
  /** Messages that are visible, delayed or in flight. */
  waiting(): number;
}

export interface MessagingOptions {
  readonly clock: SimulatedClock;
  readonly random: Random;
  /** Invokes a reconciler's function with a batch. */
  invoke(kind: ReconcilerKind, records: readonly SQSRecord[]): Promise<SQSBatchResponse>;
  /** Invokes a function of events asynchronously. */
  invokeFunction(name: "ec2-events" | "sweep", event: unknown): void;
}

/** As in infra/constructs/event-routes.ts. */
const addRules = (bus: EventBridge): void => {
  const { podsUnschedulable, nodePoolChanged, nodeChanged, nodeClassChanged, nodeUnlabelled, heartbeat } = DETAIL_TYPE;
  const toQueue = (kind: ReconcilerKind, template: string, paths: Readonly<Record<string, string>> = {}) => ({
    Id: "1",
    Arn: queueArn(kind),
    InputTransformer: { InputPathsMap: { source: "$.source", ...paths }, InputTemplate: template },
  });
  const toFunction = (name: string) => ({ Id: "1", Arn: functionArn(name) });
  const pattern = (...detailTypes: string[]) => ({
    source: [{ prefix: FORWARDER_SOURCE_PREFIX }],
    "detail-type": detailTypes,
  });
  const named = '{"source":"<source>","name":"<name>"}';
  const demand = toQueue("demand", '{"source":"<source>"}');
  const pool = toQueue("pool", named, { name: "$.detail.pool" });
  const nodeClass = toQueue("nodeclass", named, { name: "$.detail.nodeClass" });
  const rules = [
    { name: "demand", pattern: pattern(podsUnschedulable, heartbeat), targets: [demand] },
    { name: "pool", pattern: pattern(nodePoolChanged, nodeChanged), targets: [pool] },
    { name: "nodeclass", pattern: pattern(nodeClassChanged), targets: [nodeClass] },
    { name: "unlabelled", pattern: pattern(nodeUnlabelled), targets: [toFunction("ec2-events")] },
  ];
  for (const rule of rules) bus.putRule({ ...rule, busName: BUS });
  bus.putRule({
    name: "states",
    pattern: {
      source: ["aws.ec2"],
      "detail-type": ["EC2 Instance State-change Notification"],
      detail: { state: ["running", "stopping", "stopped", "shutting-down", "terminated"] },
    },
    targets: [toFunction("ec2-events")],
  });
  bus.putRule({ name: "sweep", schedule: "rate(1 minute)", targets: [toFunction("sweep")] });
};

interface SendInput {
  readonly QueueUrl?: string;
  readonly MessageBody?: string;
  readonly DelaySeconds?: number;
  readonly Entries?: readonly { readonly MessageBody?: string }[];
}

interface PutEventsInput {
  readonly Entries?: readonly { readonly Source?: string; readonly DetailType?: string; readonly Detail?: string }[];
}

export const createMessaging = ({ clock, random, invoke, invokeFunction }: MessagingOptions): Messaging => {
  const queueFaults = noQueueFaults();
  const busFaults = noBusFaults();
  const dead = new Set<string>();
  let deadLetters = 0;
  const newQueue = (kind: ReconcilerKind): Queue =>
    createQueue({
      clock,
      name: kind,
      arn: queueArn(kind),
      settings: {
        ...defaultSettings(),
        visibilityTimeout: LEASE_MS / 1000,
        redrive: { deadLetterArn: arnOf("sqs", "dead"), maxReceiveCount: MAX_RECEIVES },
      },
      chance: { faults: queueFaults, random },
      moveToDeadLetter: (_, { body }) => {
        deadLetters += 1;
        dead.add(body);
      },
    });
  const queues = new Map(KINDS.map((kind) => [queueUrl(kind), newQueue(kind)]));
  const options = { batchSize: BATCH_SIZE, maximumConcurrency: 10, reportBatchItemFailures: true };
  for (const kind of KINDS) {
    const queue = queues.get(queueUrl(kind));
    if (queue) consumeQueue(clock, queue, options, (records) => invoke(kind, records));
  }
  const bus = createEventBridge({
    clock,
    account: ACCOUNT,
    region: REGION,
    random,
    faults: busFaults,
    targets: {
      sqs: (arn, body) => queues.get(queueUrl(arn.split(":").at(-1) as ReconcilerKind))?.send(body),
      lambda: (arn, event) => invokeFunction(arn.split(":").at(-1) as "sweep", event),
    },
  });
  bus.createBus(BUS);
  addRules(bus);

  return {
    bus,
    busFaults,
    queueFaults,
    executeSqs: ({ input }) => {
      const { QueueUrl = "", MessageBody = "", DelaySeconds, Entries } = input as SendInput;
      const queue = queues.get(QueueUrl);
      if (!queue) throw new Error(`there is no queue ${QueueUrl}`);
      for (const entry of Entries ?? [{ MessageBody }])
        queue.send(entry.MessageBody ?? "", DelaySeconds === undefined ? {} : { delaySeconds: DelaySeconds });
      return {};
    },
    executeEvents: ({ input }) => {
      const { Entries = [] } = input as PutEventsInput;
      for (const { Source = "", DetailType = "", Detail = "{}" } of Entries)
        bus.put(BUS, { source: Source, detailType: DetailType, detail: JSON.parse(Detail) });
      return { Entries: Entries.map(() => ({ EventId: "1" })) };
    },
    deadLetters: () => deadLetters,
    waiting: () => [...queues.values()].reduce((sum, queue) => sum + queue.messages().length, 0),
  };
};
