import { createHash } from "node:crypto";

/** A message attribute as SQS's JSON protocol writes it; `BinaryValue` is base64. */
interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message as its queue keeps it; times are milliseconds of the clock. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly sentAt: number;
  /** The ARN of the queue it was moved away from. */
  readonly deadLetterSource?: string;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  /** Until then it is delayed (never received) or in flight. */
  visibleAt: number;
}

export const receiptOf = (message: Message): string =>
  Buffer.from(`${message.id} ${message.receiveCount}`).toString("base64url");

/** The message's id and the receive the handle stems from; undefined when it is no handle of this simulator. */
export const parseReceipt = (receipt: string): { id: string; receive: number } | undefined => {
  const match = /^(\S+) (\d+)$/.exec(Buffer.from(receipt, "base64url").toString());
  return match?.[1] ? { id: match[1], receive: Number(match[2]) } : undefined;
};

export const md5 = (text: string | Buffer): string => createHash("md5").update(text).digest("hex");

/** The digest SQS's developer guide describes under "Calculating the MD5 message digest for message attributes". */
export const md5OfAttributes = (attributes: MessageAttributes): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  return md5(Buffer.concat(names.flatMap((name) => encodeAttribute(name, attributes[name]))));
};

const encodeAttribute = (name: string, attribute: MessageAttribute | undefined): Buffer[] => {
  if (!attribute) return [];
  const binary = attribute.DataType.startsWith("Binary");
  const value = binary ? Buffer.from(attribute.BinaryValue ?? "", "base64") : Buffer.from(attribute.StringValue ?? "");
  const kind = Buffer.from([binary ? 2 : 1]);
  return [...withLength(Buffer.from(name)), ...withLength(Buffer.from(attribute.DataType)), kind, ...withLength(value)];
};

const withLength = (bytes: Buffer): Buffer[] => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return [length, bytes];
};

/** The system attributes of a received message, as ReceiveMessage and Lambda's records spell them. */
export const systemAttributes = (message: Message): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receiveCount),
  SentTimestamp: String(Math.floor(message.sentAt)),
  SenderId: message.senderId,
  ApproximateFirstReceiveTimestamp: String(Math.floor(message.firstReceivedAt ?? message.sentAt)),
  ...(message.deadLetterSource ? { DeadLetterQueueSourceArn: message.deadLetterSource } : {}),
});
