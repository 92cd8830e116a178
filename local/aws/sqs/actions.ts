import type { Clock } from "../../clock.ts";
import type { Action, Input } from "../gateway/aws-json.ts";
import { CloudError } from "../gateway/service.ts";
import { batchActions } from "./batch-actions.ts";
import { receiveAction } from "./receive.ts";
import {
  checkedBody,
  numberIn,
  type QueueDirectory,
  queueFor,
  readMessageAttributes,
  sent,
  stringMap,
} from "./request.ts";
import { applyAttributes, defaultSettings, renderAttributes } from "./settings.ts";

/** SQS's actions by name, on the queues of `directory`. Each one is authorized on the queue's ARN. */
export const sqsActions = (clock: Clock, directory: QueueDirectory): Readonly<Record<string, Action>> => ({
  ...queueActions(directory),
  ...batchActions(directory),

  SendMessage: (input, request) => {
    const queue = queueFor(directory, "SendMessage", input, request);
    const delaySeconds = numberIn(input, "DelaySeconds", 0, 900);
    const attributes = readMessageAttributes(input);
    return sent(queue.send(checkedBody(input), { delaySeconds, attributes, senderId: request.principal.arn }));
  },

  ReceiveMessage: receiveAction(clock, directory),

  DeleteMessage: (input, request) => {
    queueFor(directory, "DeleteMessage", input, request).delete(String(input.ReceiptHandle ?? ""));
  },

  ChangeMessageVisibility: (input, request) => {
    const queue = queueFor(directory, "ChangeMessageVisibility", input, request);
    const seconds = numberIn(input, "VisibilityTimeout", 0, 43_200) ?? 0;
    queue.changeVisibility(String(input.ReceiptHandle ?? ""), seconds * 1000);
  },
});

const queueActions = (directory: QueueDirectory): Record<string, Action> => ({
  CreateQueue: (input, request) => {
    const name = String(input.QueueName ?? "");
    request.authorize("sqs:CreateQueue", [directory.arnOf(name)]);
    if (!/^[\w-]{1,80}$/.test(name)) {
      const allowed = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
      throw new CloudError("InvalidParameterValueException", allowed);
    }
    const attributes = stringMap(input.Attributes);
    const existing = directory.byName(name);
    if (existing) assertSameAttributes(renderAttributes(existing), attributes);
    const settings = defaultSettings();
    applyAttributes(settings, attributes);
    return { QueueUrl: directory.urlOf((existing ?? directory.add(name, settings)).name) };
  },

  GetQueueUrl: (input, request) => {
    const name = String(input.QueueName ?? "");
    request.authorize("sqs:GetQueueUrl", [directory.arnOf(name)]);
    return { QueueUrl: directory.urlOf(directory.require(name).name) };
  },

  ListQueues: (input, request) => {
    request.authorize("sqs:ListQueues", ["*"]);
    const prefix = String(input.QueueNamePrefix ?? "");
    const names = directory.names().filter((name) => name.startsWith(prefix));
    return names.length > 0 ? { QueueUrls: names.map(directory.urlOf) } : {};
  },

  GetQueueAttributes: (input, request) => {
    const attributes = renderAttributes(queueFor(directory, "GetQueueAttributes", input, request));
    const requested = new Set(Array.isArray(input.AttributeNames) ? input.AttributeNames : []);
    const selected = Object.entries(attributes).filter(([name]) => requested.has("All") || requested.has(name));
    return selected.length > 0 ? { Attributes: Object.fromEntries(selected) } : {};
  },

  SetQueueAttributes: (input, request) => {
    const queue = queueFor(directory, "SetQueueAttributes", input, request);
    applyAttributes(queue.settings, stringMap(input.Attributes));
  },

  PurgeQueue: (input, request) => queueFor(directory, "PurgeQueue", input, request).purge(),

  DeleteQueue: (input, request) => directory.remove(queueFor(directory, "DeleteQueue", input, request).name),
});

const assertSameAttributes = (existing: Readonly<Record<string, string>>, requested: Input): void => {
  const different = Object.entries(requested).find(
    ([name, value]) => existing[name] !== undefined && existing[name] !== value,
  );
  if (!different) return;
  const message = `A queue already exists with the same name and a different value for attribute ${different[0]}`;
  throw new CloudError("QueueNameExists", message);
};
