import type { Cancel, Clock } from "../../clock.ts";
import { type AwsJsonProtocol, answerAwsJson } from "../gateway/aws-json.ts";
import { ACCOUNT, CloudError, type CloudService, REGION } from "../gateway/service.ts";
import { sqsActions } from "./actions.ts";
import { type ConsumerOptions, consumeQueue, type Invoke } from "./consumer.ts";
import { noQueueFaults, type QueueChance, type QueueFaults } from "./faults.ts";
import type { Message } from "./message.ts";
import { authorizeDelivery, type ServiceSender } from "./policy.ts";
import { createQueue, type Queue, type QueueDepth, type QueueSettings, type SendOptions } from "./queue.ts";
import type { QueueDirectory } from "./request.ts";
import { defaultSettings } from "./settings.ts";

interface NewQueue {
  readonly name: string;
  readonly fifo?: boolean;
  readonly delaySeconds?: number;
  /** Seconds; 30 by default. */
  readonly visibilityTimeout?: number;
  /** Four days by default. */
  readonly retentionSeconds?: number;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
  /** The policy document, as JSON or as an object. */
  readonly policy?: string | object;
}

interface DeliveryOptions extends SendOptions {
  /** The AWS service that sends the message. Throws `CloudError` AccessDenied unless the queue's policy allows it. */
  readonly from?: ServiceSender;
}

export interface Sqs {
  readonly service: CloudService;
  readonly faults: QueueFaults;
  create(queue: NewQueue): { url: string; arn: string };
  /** Replaces the queue's policy, which is a separate resource in templates. */
  setPolicy(arn: string, policy: string | object): void;
  /** Throws QueueDoesNotExist. */
  send(arn: string, body: string, options?: DeliveryOptions): void;
  /** Invokes a function with the queue's messages until the returned function is called. */
  consume(arn: string, options: ConsumerOptions, invoke: Invoke): Cancel;
  depth(arn: string): QueueDepth;
  /** Every message in the queue, visible or not. */
  messages(arn: string): readonly Message[];
}

export interface SqsOptions {
  readonly clock: Clock;
  /** The gateway's URL. */
  readonly baseUrl: () => string;
  /** None by default. */
  readonly faults?: QueueFaults;
  /** Returns values in [0, 1); the same seed reproduces faults. */
  readonly random?: () => number;
}

/** Simulates SQS: standard queues of one account and region. */
export const createSqs = (options: SqsOptions): Sqs => {
  const { clock, baseUrl, faults = noQueueFaults(), random = Math.random } = options;
  const directory = createDirectory(clock, baseUrl, { faults, random });
  const protocol: AwsJsonProtocol = {
    version: "1.0",
    targetPrefix: "AmazonSQS.",
    errorNamespace: "com.amazonaws.sqs",
    queryErrorCode: (code) => QUERY_CODES[code] ?? code,
    actions: sqsActions(clock, directory),
  };
  const queueAt = (arn: string): Queue => directory.require(arn.split(":").at(-1) ?? "");

  return {
    service: { signingName: "sqs", handle: (request) => answerAwsJson(protocol, request) },
    faults,
    create: (queue) => {
      const { name } = directory.add(queue.name, settingsOf(queue));
      return { url: directory.urlOf(name), arn: directory.arnOf(name) };
    },
    setPolicy: (arn, policy) => {
      queueAt(arn).settings.policy = policyText(policy);
    },
    send: (arn, body, options = {}) => {
      const queue = queueAt(arn);
      if (options.from) authorizeDelivery(queue.settings.policy, arn, options.from);
      queue.send(body, options);
    },
    consume: (arn, options, invoke) => consumeQueue(clock, queueAt(arn), options, invoke),
    depth: (arn) => queueAt(arn).depth(),
    messages: (arn) => queueAt(arn).messages(),
  };
};

/** Codes of the older query protocol, which clients from before 2023 read (API reference, "Common errors"). */
const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: "AWS.SimpleQueueService.NonExistentQueue",
  QueueNameExists: "QueueAlreadyExists",
  MessageNotInflight: "AWS.SimpleQueueService.MessageNotInflight",
  TooManyEntriesInBatchRequest: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
  EmptyBatchRequest: "AWS.SimpleQueueService.EmptyBatchRequest",
  BatchEntryIdsNotDistinct: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
  BatchRequestTooLong: "AWS.SimpleQueueService.BatchRequestTooLong",
  InvalidBatchEntryId: "AWS.SimpleQueueService.InvalidBatchEntryId",
  UnsupportedOperation: "AWS.SimpleQueueService.UnsupportedOperation",
  InvalidParameterValueException: "InvalidParameterValue",
  MissingRequiredParameterException: "MissingParameter",
};

const settingsOf = (queue: NewQueue): QueueSettings => {
  if (queue.fifo) throw new CloudError("UnsupportedOperation", `${queue.name}: FIFO queues are not simulated.`);
  const settings = defaultSettings();
  return {
    ...settings,
    delaySeconds: queue.delaySeconds ?? settings.delaySeconds,
    visibilityTimeout: queue.visibilityTimeout ?? settings.visibilityTimeout,
    retentionSeconds: queue.retentionSeconds ?? settings.retentionSeconds,
    redrive: queue.redrive,
    policy: queue.policy && policyText(queue.policy),
  };
};

const policyText = (policy: string | object): string => (typeof policy === "string" ? policy : JSON.stringify(policy));

const createDirectory = (clock: Clock, baseUrl: () => string, chance: QueueChance): QueueDirectory => {
  const queues = new Map<string, Queue>();
  const arnOf = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

  const moveToDeadLetter = (deadLetterArn: string, message: Message, sourceArn: string) => {
    // SQS drops the message if the dead-letter queue no longer exists.
    queues.get(deadLetterArn.split(":").at(-1) ?? "")?.adopt(message, sourceArn);
  };

  return {
    names: () => [...queues.keys()],
    byName: (name) => queues.get(name),
    require: (name) => {
      const queue = queues.get(name);
      if (queue) return queue;
      throw new CloudError("QueueDoesNotExist", "The specified queue does not exist.");
    },
    add: (name, settings) => {
      const queue = createQueue({ clock, name, arn: arnOf(name), settings, chance, moveToDeadLetter });
      queues.set(name, queue);
      return queue;
    },
    remove: (name) => {
      queues.get(name)?.purge();
      queues.delete(name);
    },
    urlOf: (name) => `${baseUrl()}/${ACCOUNT}/${name}`,
    arnOf,
  };
};
