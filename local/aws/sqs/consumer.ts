import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { Cancel, Clock } from "../../clock.ts";
import { REGION } from "../gateway/service.ts";
import { type Message, type MessageAttributes, md5, receiptOf, systemAttributes } from "./message.ts";
import type { Queue } from "./queue.ts";

export interface ConsumerOptions {
  readonly batchSize: number;
  /** How long a batch that is not full is gathered. */
  readonly batchingWindowMs?: number;
  readonly maximumConcurrency?: number;
  /** Whether the function's answer names the failed messages (FunctionResponseTypes: ReportBatchItemFailures). */
  readonly reportBatchItemFailures: boolean;
}

/** Throws when the invocation failed. */
export type Invoke = (records: SQSRecord[]) => Promise<SQSBatchResponse | undefined>;

/** The median time from a message being visible to the function being invoked, as measured on Lambda (16 ms). */
const POLL_LATENCY_MS = 16;
/** Lambda's own bound is 1000; here it bounds worker threads. */
const DEFAULT_CONCURRENCY = 10;

/**
 * A Lambda event source mapping: takes batches off the queue, invokes the function, deletes what it did not fail. Failed
 * messages come back after their visibility timeout. (Lambda developer guide, "Using Lambda with Amazon SQS".)
 */
export const consumeQueue = (clock: Clock, queue: Queue, options: ConsumerOptions, invoke: Invoke): Cancel => {
  const mostAtOnce = options.maximumConcurrency ?? DEFAULT_CONCURRENCY;
  let running = 0;
  let stopped = false;
  let cancelPoll: Cancel | undefined;

  const pollIn = (delayMs: number) => {
    if (stopped || cancelPoll) return;
    cancelPoll = clock.after(delayMs, () => {
      cancelPoll = undefined;
      poll();
    });
  };

  const poll = () => {
    while (!stopped && running < mostAtOnce) {
      const messages = queue.receive(options.batchSize);
      if (messages.length === 0) return;
      void run(messages);
    }
  };

  const run = async (messages: Message[]) => {
    running += 1;
    const receipts = new Map(messages.map((message) => [message.id, receiptOf(message)]));
    const records = messages.map((message) => toRecord(queue, message));
    const failed = await clock.busy(() => failedIds(records, options, invoke));
    for (const [id, receipt] of receipts) if (!failed.has(id)) queue.delete(receipt);
    running -= 1;
    if (queue.depth().visible > 0) pollIn(POLL_LATENCY_MS);
  };

  const stopListening = queue.onVisible(() => pollIn(POLL_LATENCY_MS + (options.batchingWindowMs ?? 0)));
  if (queue.depth().visible > 0) pollIn(POLL_LATENCY_MS);
  return () => {
    stopped = true;
    stopListening();
    cancelPoll?.();
  };
};

const failedIds = async (
  records: SQSRecord[],
  options: ConsumerOptions,
  invoke: Invoke,
): Promise<ReadonlySet<string>> => {
  const all = new Set(records.map((record) => record.messageId));
  try {
    const response = await invoke(records);
    if (!options.reportBatchItemFailures || !response) return new Set();
    const named = response.batchItemFailures.map((failure) => failure.itemIdentifier);
    // Lambda takes an answer that names a message it did not send as a failure of the whole batch.
    return named.every((id) => all.has(id)) ? new Set(named) : all;
  } catch {
    return all;
  }
};

const toRecord = (queue: Queue, message: Message): SQSRecord => ({
  messageId: message.id,
  receiptHandle: receiptOf(message),
  body: message.body,
  attributes: systemAttributes(message) as unknown as SQSRecord["attributes"],
  messageAttributes: toRecordAttributes(message.attributes),
  md5OfBody: md5(message.body),
  eventSource: "aws:sqs",
  eventSourceARN: queue.arn,
  awsRegion: REGION,
});

const toRecordAttributes = (attributes: MessageAttributes): SQSRecord["messageAttributes"] =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { dataType: DataType, stringValue: StringValue, binaryValue: BinaryValue },
    ]),
  );
