import { randomUUID } from "node:crypto";
import type { Cancel, Clock } from "../../clock.ts";
import { CloudError } from "../gateway/service.ts";
import { type Message, type MessageAttributes, parseReceipt } from "./message.ts";
import { createMessageStore, type MessageStore } from "./message-store.ts";

/** How a queue is set up; SetQueueAttributes changes it while the queue lives. Durations are seconds. */
export interface QueueSettings {
  delaySeconds: number;
  visibilityTimeout: number;
  receiveWaitSeconds: number;
  retentionSeconds: number;
  redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
  /** The policy document, as the caller wrote it. */
  policy: string | undefined;
}

export interface SendOptions {
  /** Replaces the queue's own delay. */
  readonly delaySeconds?: number;
  readonly attributes?: MessageAttributes;
  readonly senderId?: string;
}

/** One standard queue: its messages and their visibility. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly settings: QueueSettings;
  send(body: string, options?: SendOptions): Message;
  /** Takes over a message of the queue with `sourceArn`. */
  adopt(message: Message, sourceArn: string): void;
  /** Hides what it returns for `visibilityMs`; moves what was received too often to the dead-letter queue. */
  receive(atMost: number, visibilityMs?: number): Message[];
  /** Deleting what is gone already succeeds, as with SQS. */
  delete(receipt: string): void;
  changeVisibility(receipt: string, visibilityMs: number): void;
  purge(): void;
  depth(): QueueDepth;
  messages(): readonly Message[];
  /** Called whenever a message may have become visible. */
  onVisible(listener: () => void): Cancel;
}

export interface QueueDepth {
  readonly visible: number;
  readonly delayed: number;
  readonly inFlight: number;
}

export interface QueueOptions {
  readonly clock: Clock;
  readonly name: string;
  readonly arn: string;
  readonly settings: QueueSettings;
  readonly moveToDeadLetter: (deadLetterArn: string, message: Message, sourceArn: string) => void;
}

export const createQueue = ({ clock, name, arn, settings, moveToDeadLetter }: QueueOptions): Queue => {
  const shelf = createMessageStore(clock);

  const bury = (message: Message) => {
    shelf.remove(message.id);
    if (settings.redrive) moveToDeadLetter(settings.redrive.deadLetterArn, message, arn);
  };

  const receive = (atMost: number, visibilityMs = settings.visibilityTimeout * 1000) => {
    const now = clock.now();
    dropExpired(shelf, now - settings.retentionSeconds * 1000);
    const visible = shelf.all().filter((message) => message.visibleAt <= now);
    const mostReceives = settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    for (const message of visible) if (message.receiveCount >= mostReceives) bury(message);
    const taken = visible.filter((message) => message.receiveCount < mostReceives).slice(0, atMost);
    for (const message of taken) {
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      shelf.showAt(message, now + visibilityMs);
    }
    return taken;
  };

  return {
    name,
    arn,
    createdAt: clock.now(),
    settings,
    send: (body, options = {}) => {
      const message = newMessage(body, options, clock.now(), options.delaySeconds ?? settings.delaySeconds);
      shelf.add(message);
      return message;
    },
    adopt: (message, sourceArn) => shelf.add({ ...message, visibleAt: clock.now(), deadLetterSource: sourceArn }),
    receive,
    delete: (receipt) => shelf.remove(messageIdOf(receipt)),
    changeVisibility: (receipt, visibilityMs) => {
      const message = requireInFlight(shelf.get(messageIdOf(receipt)), receipt, clock.now());
      shelf.showAt(message, clock.now() + visibilityMs);
    },
    purge: () => {
      for (const message of shelf.all()) shelf.remove(message.id);
    },
    depth: () => depthOf(shelf, clock.now()),
    messages: shelf.all,
    onVisible: shelf.onVisible,
  };
};

const newMessage = (body: string, options: SendOptions, sentAt: number, delaySeconds: number): Message => ({
  id: randomUUID(),
  body,
  attributes: options.attributes ?? {},
  senderId: options.senderId ?? "AIDAEMBEDDEDCLOUD",
  sentAt,
  receiveCount: 0,
  firstReceivedAt: undefined,
  visibleAt: sentAt + delaySeconds * 1000,
});

const dropExpired = (shelf: MessageStore, oldest: number): void => {
  for (const message of shelf.all()) if (message.sentAt < oldest) shelf.remove(message.id);
};

const messageIdOf = (receipt: string): string => {
  const parsed = parseReceipt(receipt);
  if (parsed) return parsed.id;
  throw new CloudError(
    "ReceiptHandleIsInvalid",
    `The input receipt handle "${receipt}" is not a valid receipt handle.`,
  );
};

const requireInFlight = (message: Message | undefined, receipt: string, now: number): Message => {
  if (!message) {
    const reason = "Message does not exist or is not available for visibility timeout change.";
    const text = `Value ${receipt} for parameter ReceiptHandle is invalid. Reason: ${reason}`;
    throw new CloudError("InvalidParameterValueException", text);
  }
  if (message.receiveCount > 0 && message.visibleAt > now) return message;
  throw new CloudError("MessageNotInflight", "The specified message isn't in flight.");
};

const depthOf = (shelf: MessageStore, now: number): QueueDepth => {
  const hidden = shelf.all().filter((message) => message.visibleAt > now);
  const inFlight = hidden.filter((message) => message.receiveCount > 0).length;
  return { visible: shelf.size - hidden.length, delayed: hidden.length - inFlight, inFlight };
};
