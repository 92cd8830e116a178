import { CloudError } from "../gateway/service.ts";
import type { Queue, QueueSettings } from "./queue.ts";

/** SQS's defaults (API reference, CreateQueue). */
export const defaultSettings = (): QueueSettings => ({
  delaySeconds: 0,
  visibilityTimeout: 30,
  receiveWaitSeconds: 0,
  retentionSeconds: 4 * 24 * 3600,
  redrive: undefined,
  policy: undefined,
});

/** Attributes that the simulator accepts and ignores. */
const WITHOUT_EFFECT = new Set([
  "MaximumMessageSize",
  "KmsMasterKeyId",
  "KmsDataKeyReusePeriodSeconds",
  "SqsManagedSseEnabled",
  "RedriveAllowPolicy",
]);

/** Applies the queue attributes of CreateQueue and SetQueueAttributes. Throws on a name or value that SQS rejects. */
export const applyAttributes = (settings: QueueSettings, attributes: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(attributes)) applyAttribute(settings, name, value);
};

const applyAttribute = (settings: QueueSettings, name: string, value: string): void => {
  if (name === "DelaySeconds") settings.delaySeconds = integer(name, value, 0, 900);
  else if (name === "VisibilityTimeout") settings.visibilityTimeout = integer(name, value, 0, 43_200);
  else if (name === "ReceiveMessageWaitTimeSeconds") settings.receiveWaitSeconds = integer(name, value, 0, 20);
  else if (name === "MessageRetentionPeriod") settings.retentionSeconds = integer(name, value, 60, 1_209_600);
  else if (name === "RedrivePolicy") settings.redrive = value === "" ? undefined : parseRedrive(value);
  else if (name === "Policy") settings.policy = value === "" ? undefined : value;
  else if (name === "FifoQueue" && value === "true") {
    throw new CloudError("UnsupportedOperation", "FIFO queues are not simulated.");
  } else if (!WITHOUT_EFFECT.has(name)) {
    throw new CloudError("InvalidAttributeName", `Unknown Attribute ${name}.`);
  }
};

const integer = (name: string, value: string, min: number, max: number): number => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new CloudError("InvalidAttributeValue", `Invalid value for the parameter ${name}.`);
};

const parseRedrive = (value: string): QueueSettings["redrive"] => {
  try {
    const policy = JSON.parse(value) as { deadLetterTargetArn?: unknown; maxReceiveCount?: unknown };
    const maxReceiveCount = Number(policy.maxReceiveCount);
    if (typeof policy.deadLetterTargetArn === "string" && maxReceiveCount >= 1 && maxReceiveCount <= 1000) {
      return { deadLetterArn: policy.deadLetterTargetArn, maxReceiveCount };
    }
  } catch {
    // Falls through: invalid JSON gets the same error as a missing field.
  }
  throw new CloudError("InvalidAttributeValue", `Value ${value} for parameter RedrivePolicy is invalid.`);
};

/** Renders a queue's attributes as in GetQueueAttributes. */
export const renderAttributes = (queue: Queue): Record<string, string> => {
  const { settings } = queue;
  const depth = queue.depth();
  const createdAt = String(Math.floor(queue.createdAt / 1000));
  const attributes: Record<string, string | undefined> = {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(depth.visible),
    ApproximateNumberOfMessagesNotVisible: String(depth.inFlight),
    ApproximateNumberOfMessagesDelayed: String(depth.delayed),
    CreatedTimestamp: createdAt,
    LastModifiedTimestamp: createdAt,
    VisibilityTimeout: String(settings.visibilityTimeout),
    MaximumMessageSize: "1048576",
    MessageRetentionPeriod: String(settings.retentionSeconds),
    DelaySeconds: String(settings.delaySeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.receiveWaitSeconds),
    SqsManagedSseEnabled: "true",
    Policy: settings.policy,
    RedrivePolicy: settings.redrive && renderRedrive(settings.redrive),
  };
  return Object.fromEntries(Object.entries(attributes).filter((entry): entry is [string, string] => !!entry[1]));
};

const renderRedrive = ({ deadLetterArn, maxReceiveCount }: NonNullable<QueueSettings["redrive"]>): string =>
  JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount });
