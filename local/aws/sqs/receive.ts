import type { Clock } from "../../clock.ts";
import type { Action, Input } from "../gateway/aws-json.ts";
import { type Message, type MessageAttributes, md5, md5OfAttributes, receiptOf, systemAttributes } from "./message.ts";
import type { Queue } from "./queue.ts";
import { numberIn, type QueueDirectory, queueFor } from "./request.ts";

/** ReceiveMessage, with long polling in the clock's time. */
export const receiveAction =
  (clock: Clock, directory: QueueDirectory): Action =>
  async (input, request) => {
    const queue = queueFor(directory, "ReceiveMessage", input, request);
    const maxMessages = numberIn(input, "MaxNumberOfMessages", 1, 10) ?? 1;
    const visibilitySeconds = numberIn(input, "VisibilityTimeout", 0, 43_200);
    const waitSeconds = numberIn(input, "WaitTimeSeconds", 0, 20) ?? queue.settings.receiveWaitSeconds;
    const take = () =>
      queue.receive(maxMessages, visibilitySeconds === undefined ? undefined : visibilitySeconds * 1000);
    const messages = await takeWithin(clock, queue, take, waitSeconds * 1000);
    return messages.length > 0 ? { Messages: messages.map((message) => render(message, input)) } : {};
  };

const takeWithin = (clock: Clock, queue: Queue, take: () => Message[], waitMs: number): Promise<Message[]> =>
  new Promise((resolve) => {
    const first = take();
    if (first.length > 0 || waitMs === 0) return resolve(first);
    const finish = (messages: Message[]) => {
      stopListening();
      cancelTimeout();
      resolve(messages);
    };
    const cancelTimeout = clock.after(waitMs, () => finish([]));
    const stopListening = queue.onVisible(() => {
      const messages = take();
      if (messages.length > 0) finish(messages);
    });
  });

const render = (message: Message, input: Input) => {
  const systemNames = names(input.AttributeNames).concat(names(input.MessageSystemAttributeNames));
  const attributes = pick(
    systemAttributes(message),
    (name) => systemNames.includes("All") || systemNames.includes(name),
  );
  const patterns = names(input.MessageAttributeNames);
  const messageAttributes = pick(message.attributes, (name) => patterns.some((pattern) => matchesName(pattern, name)));
  return {
    MessageId: message.id,
    ReceiptHandle: receiptOf(message),
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: attributes,
    MessageAttributes: messageAttributes,
    MD5OfMessageAttributes: messageAttributes && md5OfAttributes(messageAttributes as MessageAttributes),
  };
};

const names = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

/** A pattern is `All`, `.*`, `prefix.*` or a name. */
const matchesName = (pattern: string, name: string): boolean =>
  pattern === "All" || pattern === name || (pattern.endsWith(".*") && name.startsWith(pattern.slice(0, -2)));

const pick = <T>(values: Readonly<Record<string, T>>, isRequested: (name: string) => boolean) => {
  const selected = Object.entries(values).filter(([name]) => isRequested(name));
  return selected.length > 0 ? Object.fromEntries(selected) : undefined;
};
