import { createHash } from "node:crypto";

/** A message attribute in SQS's JSON protocol; `BinaryValue` is base64. */
interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}
export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** A message as its queue stores it; times are in ms of the clock. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: MessageAttributes;
  readonly senderId: string;
  readonly sentAt: number;
  /** The ARN of the queue that moved it to the dead-letter queue. */
  readonly deadLetterSource?: string;
  receiveCount: number;
  firstReceivedAt: number | undefined;
  /** Until this time the message is delayed (if never received) or in flight. */
  visibleAt: number;
}

export const receiptOf = (message: Message): string =>
  Buffer.from(`${message.id} ${message.receiveCount}`).toString("base64url");

/** Returns the message's id and the receive count that the handle belongs to; undefined if this simulator did not issue the handle. */
export const parseReceipt = (receipt: string): { id: string; receive: number } | undefined => {
  const match = /^(\S+) (\d+)$/.exec(Buffer.from(receipt, "base64url").toString());
  return match?.[1] ? { id: match[1], receive: Number(match[2]) } : undefined;
};

export const md5 = (text: string | Buffer): string => createHash("md5").update(text).digest("hex");

/** The digest from "Calculating the MD5 message digest for message attributes" (SQS developer guide). */
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

/** The system attributes of a received message, named as in ReceiveMessage and in Lambda's records. */
export const systemAttributes = (message: Message): Record<string, string> => ({
  ApproximateReceiveCount: String(message.receiveCount),
  SentTimestamp: String(Math.floor(message.sentAt)),
  SenderId: message.senderId,
  ApproximateFirstReceiveTimestamp: String(Math.floor(message.firstReceivedAt ?? message.sentAt)),
  ...(message.deadLetterSource ? { DeadLetterQueueSourceArn: message.deadLetterSource } : {}),
});
