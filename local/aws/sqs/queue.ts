import { randomUUID } from "node:crypto";
import type { Cancel, Clock } from "../../clock.ts";
import { CloudError } from "../gateway/service.ts";
import { type Message, type MessageAttributes, parseReceipt } from "./message.ts";
import { createMessageStore, type MessageStore } from "./message-store.ts";

/** A queue's configuration, which SetQueueAttributes can change. Durations are in seconds. */
export interface QueueSettings {
  delaySeconds: number;
  visibilityTimeout: number;
  receiveWaitSeconds: number;
  retentionSeconds: number;
  redrive: { readonly deadLetterArn: string; readonly maxReceiveCount: number } | undefined;
  /** The policy document, exactly as the caller sent it. */
  policy: string | undefined;
}

export interface SendOptions {
  /** Overrides the queue's delay. */
  readonly delaySeconds?: number;
  readonly attributes?: MessageAttributes;
  readonly senderId?: string;
}

/** A standard queue: its messages and their visibility. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly settings: QueueSettings;
  send(body: string, options?: SendOptions): Message;
  /** Takes over a message from the queue with `sourceArn`. */
  adopt(message: Message, sourceArn: string): void;
  /** Hides the returned messages for `visibilityMs`; moves messages received too often to the dead-letter queue. */
  receive(maxMessages: number, visibilityMs?: number): Message[];
  /** Succeeds, as SQS does, if the message is already deleted. */
  delete(receipt: string): void;
  changeVisibility(receipt: string, visibilityMs: number): void;
  purge(): void;
  depth(): QueueDepth;
  messages(): readonly Message[];
  /** Calls the listener whenever a message may have become visible. */
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
  const store = createMessageStore(clock);

  const moveAway = (message: Message) => {
    store.remove(message.id);
    if (settings.redrive) moveToDeadLetter(settings.redrive.deadLetterArn, message, arn);
  };

  const receive = (maxMessages: number, visibilityMs = settings.visibilityTimeout * 1000) => {
    const now = clock.now();
    dropExpired(store, now - settings.retentionSeconds * 1000);
    const visible = store.all().filter((message) => message.visibleAt <= now);
    const maxReceives = settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    for (const message of visible) if (message.receiveCount >= maxReceives) moveAway(message);
    const received = visible.filter((message) => message.receiveCount < maxReceives).slice(0, maxMessages);
    for (const message of received) {
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      store.showAt(message, now + visibilityMs);
    }
    return received;
  };

  return {
    name,
    arn,
    createdAt: clock.now(),
    settings,
    send: (body, options = {}) => {
      const message = newMessage(body, options, clock.now(), options.delaySeconds ?? settings.delaySeconds);
      store.add(message);
      return message;
    },
    adopt: (message, sourceArn) => store.add({ ...message, visibleAt: clock.now(), deadLetterSource: sourceArn }),
    receive,
    delete: (receipt) => store.remove(messageIdOf(receipt)),
    changeVisibility: (receipt, visibilityMs) => {
      const message = requireInFlight(store.get(messageIdOf(receipt)), receipt, clock.now());
      store.showAt(message, clock.now() + visibilityMs);
    },
    purge: () => {
      for (const message of store.all()) store.remove(message.id);
    },
    depth: () => depthOf(store, clock.now()),
    messages: store.all,
    onVisible: store.onVisible,
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

const dropExpired = (store: MessageStore, oldest: number): void => {
  for (const message of store.all()) if (message.sentAt < oldest) store.remove(message.id);
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

const depthOf = (store: MessageStore, now: number): QueueDepth => {
  const hidden = store.all().filter((message) => message.visibleAt > now);
  const inFlight = hidden.filter((message) => message.receiveCount > 0).length;
  return { visible: store.size - hidden.length, delayed: hidden.length - inFlight, inFlight };
};
