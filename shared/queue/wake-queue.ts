/** Wakes a function for a key through SQS, now or later. A message may arrive late, twice or not at all. */
import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { ReconcilerKind, WakeMessage } from "../model/events.ts";
import { MAX_DELAY_MS } from "../model/limits.ts";
import type { WakeSender } from "./types.ts";

const MESSAGES_PER_CALL = 10;

export type QueueUrls = Readonly<Partial<Record<ReconcilerKind, string>>>;

export interface WakeQueue extends WakeSender {
  /** Wakes the key at or shortly after `at`; false if that exceeds the maximum SQS delay. */
  enqueueAt(kind: ReconcilerKind, key: string, at: number, now: number): Promise<boolean>;
}

export const createWakeQueue = (sqs: SQSClient, urls: QueueUrls): WakeQueue => {
  const urlOf = (kind: ReconcilerKind): string => {
    const url = urls[kind];
    if (!url) throw new Error(`this function has no queue URL for ${kind}`);
    return url;
  };
  const sendLater = (kind: ReconcilerKind, message: WakeMessage, delayMs: number) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: urlOf(kind),
        MessageBody: JSON.stringify(message),
        // Rounded up: a timer that arrives early does nothing.
        DelaySeconds: Math.ceil(Math.min(Math.max(0, delayMs), MAX_DELAY_MS) / 1000),
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
        if (Failed.length > 0)
          throw new Error(`waking ${kind} keys: ${Failed.length} messages failed: ${Failed[0]?.Message}`);
      }
    },
    enqueueAt: async (kind, key, at, now) => {
      if (at - now > MAX_DELAY_MS) return false;
      await sendLater(kind, { key, at }, at - now);
      return true;
    },
  };
};
