import { randomUUID } from "node:crypto";
import type { Cancel, Clock } from "../../clock.ts";
import { CloudError } from "../gateway/service.ts";
import { occurs, type QueueChance, shuffled } from "./faults.ts";
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
  readonly chance: QueueChance;
  readonly moveToDeadLetter: (deadLetterArn: string, message: Message, sourceArn: string) => void;
}

export const createQueue = ({ clock, name, arn, settings, chance, moveToDeadLetter }: QueueOptions): Queue => {
  const store = createMessageStore(clock);
  const { faults, random } = chance;

  const moveAway = (message: Message) => {
    store.remove(message.id);
    if (settings.redrive) moveToDeadLetter(settings.redrive.deadLetterArn, message, arn);
  };

  const receive = (maxMessages: number, visibilityMs = settings.visibilityTimeout * 1000) => {
    const now = clock.now();
    dropExpired(store, now - settings.retentionSeconds * 1000);
    const visible = visibleIn(store, now, chance);
    const maxReceives = settings.redrive?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
    for (const message of visible) if (message.receiveCount >= maxReceives) moveAway(message);
    const received = visible.filter((message) => message.receiveCount < maxReceives).slice(0, maxMessages);
    for (const message of received) {
      message.receiveCount += 1;
      message.firstReceivedAt ??= now;
      const missed = occurs(faults.duplicate, random);
      store.showAt(message, now + (missed ? Math.min(visibilityMs, random() * COPY_SHOWS_WITHIN_MS) : visibilityMs));
    }
    return received;
  };

  const remove = (receipt: string) => {
    const id = messageIdOf(receipt);
    if (!occurs(faults.duplicate, random)) store.remove(id);
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
    delete: remove,
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

/** How soon others see a copy of a message in flight. */
const COPY_SHOWS_WITHIN_MS = 1000;

const visibleIn = (store: MessageStore, now: number, { faults, random }: QueueChance): Message[] => {
  const visible = store.all().filter((message) => message.visibleAt <= now);
  return occurs(faults.reorder, random) ? shuffled(visible, random) : visible;
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
