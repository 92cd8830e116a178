import type { Input } from "../gateway/aws-json.ts";
import { CloudError, type CloudRequest } from "../gateway/service.ts";
import { type Message, type MessageAttributes, md5, md5OfAttributes } from "./message.ts";
import type { Queue, QueueSettings } from "./queue.ts";

/** The account's queues. */
export interface QueueDirectory {
  names(): string[];
  byName(name: string): Queue | undefined;
  /** Throws QueueDoesNotExist. */
  require(name: string): Queue;
  add(name: string, settings: QueueSettings): Queue;
  remove(name: string): void;
  urlOf(name: string): string;
  arnOf(name: string): string;
}

/** Returns the queue that a request's `QueueUrl` names, after checking that the caller is allowed `sqs:<action>` on it. */
export const queueFor = (directory: QueueDirectory, action: string, input: Input, request: CloudRequest): Queue => {
  const name = typeof input.QueueUrl === "string" ? (input.QueueUrl.split("/").at(-1) ?? "") : "";
  if (!name)
    throw new CloudError("MissingRequiredParameterException", "The request must contain the parameter QueueUrl.");
  request.authorize(`sqs:${action}`, [directory.arnOf(name)]);
  return directory.require(name);
};

export const stringMap = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(value ?? {}).map(([name, text]) => [name, String(text)]));

/** Returns the parameter's value; undefined if it is absent. Throws unless it is a whole number from `min` to `max`. */
export const numberIn = (input: Input, name: string, min: number, max: number): number | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return Number(value);
  const message = `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}.`;
  throw new CloudError("InvalidParameterValueException", message);
};

/** 1 MiB since August 2025. */
export const MAX_MESSAGE_BYTES = 1_048_576;

export const checkedBody = (input: Input): string => {
  const body = input.MessageBody;
  if (typeof body !== "string" || body === "") {
    throw new CloudError("MissingRequiredParameterException", "The request must contain the parameter MessageBody.");
  }
  if (Buffer.byteLength(body) > MAX_MESSAGE_BYTES) {
    const reason = `Message must be shorter than ${MAX_MESSAGE_BYTES} bytes.`;
    throw new CloudError("InvalidParameterValueException", `One or more parameters are invalid. Reason: ${reason}`);
  }
  return body;
};

export const readMessageAttributes = (input: Input): MessageAttributes =>
  (input.MessageAttributes ?? {}) as MessageAttributes;

/** The response to a sent message. */
export const sent = (message: Message) => ({
  MessageId: message.id,
  MD5OfMessageBody: md5(message.body),
  MD5OfMessageAttributes: md5OfAttributes(message.attributes),
});
