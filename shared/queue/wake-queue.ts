/** SQS is the doorbell: it wakes a function for a key, now or later, and may be heard late, twice or not at all. */
import {
  ChangeMessageVisibilityCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { ReconcilerKind, WakeMessage } from "../model/events.ts";
import type { WakeSender } from "./types.ts";

/** SQS's longest delay; what is due later is left to the sweep. */
export const LONGEST_DELAY_MS = 900_000;
const LONGEST_VISIBILITY_MS = 12 * 3_600_000;
const MESSAGES_PER_CALL = 10;

export type QueueUrls = Readonly<Partial<Record<ReconcilerKind, string>>>;

export interface WakeQueue extends WakeSender {
  /** Wakes the key at or shortly after `at`; false if that is too far off for SQS. */
  enqueueAt(kind: ReconcilerKind, key: string, at: number, now: number): Promise<boolean>;
  /** Rings the key after `delayMs`, of which SQS allows 900 000 at most. Unlike a wake of its own, this is never superseded. */
  enqueueAfter(kind: ReconcilerKind, key: string, delayMs: number): Promise<void>;
  /** Keeps a received message away for so long. */
  hide(kind: ReconcilerKind, receiptHandle: string, delayMs: number): Promise<void>;
}

export const createWakeQueue = (sqs: SQSClient, urls: QueueUrls): WakeQueue => {
  const urlOf = (kind: ReconcilerKind): string => {
    const url = urls[kind];
    if (!url) throw new Error(`this function has no queue for ${kind}`);
    return url;
  };
  const sendLater = (kind: ReconcilerKind, message: WakeMessage, delayMs: number) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: urlOf(kind),
        MessageBody: JSON.stringify(message),
        // Rounded up: a wake before its time does nothing.
        DelaySeconds: Math.ceil(Math.min(Math.max(0, delayMs), LONGEST_DELAY_MS) / 1000),
      }),
    );
  return {
    enqueue: async (kind, keys) => {
      const unique = [...new Set(keys)];
      for (let start = 0; start < unique.length; start += MESSAGES_PER_CALL) {
        const Entries = unique
          .slice(start, start + MESSAGES_PER_CALL)
          .map((key, index) => ({ Id: String(index), MessageBody: JSON.stringify({ key }) }));
        const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: urlOf(kind), Entries }));
        if (Failed.length > 0) throw new Error(`waking ${kind} keys: ${Failed.length} messages: ${Failed[0]?.Message}`);
      }
    },
    enqueueAt: async (kind, key, at, now) => {
      if (at - now > LONGEST_DELAY_MS) return false;
      await sendLater(kind, { key, at }, at - now);
      return true;
    },
    enqueueAfter: async (kind, key, delayMs) => void (await sendLater(kind, { key }, delayMs)),
    hide: async (kind, receiptHandle, delayMs) => {
      const VisibilityTimeout = Math.ceil(Math.min(Math.max(0, delayMs), LONGEST_VISIBILITY_MS) / 1000);
      const QueueUrl = urlOf(kind);
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }));
    },
  };
};
