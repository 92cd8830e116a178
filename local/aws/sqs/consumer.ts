import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { Cancel, Clock } from "../../clock.ts";
import { REGION } from "../gateway/service.ts";
import { Throttled } from "../gateway/throttled.ts";
import { type Message, type MessageAttributes, md5, receiptOf, systemAttributes } from "./message.ts";
import { createPollers, GROWTH_INTERVAL_MS } from "./pollers.ts";
import type { Queue } from "./queue.ts";

export interface ConsumerOptions {
  readonly batchSize: number;
  /** How long to wait for an incomplete batch to fill. */
  readonly batchingWindowMs?: number;
  readonly maximumConcurrency?: number;
  /** Whether the function's response lists the failed messages (FunctionResponseTypes: ReportBatchItemFailures). */
  readonly reportBatchItemFailures: boolean;
}

/** Holds the clock while the function works. Throws if the invocation fails. */
export type Invoke = (records: SQSRecord[]) => Promise<SQSBatchResponse | undefined>;

/** The median time from a message becoming visible to the function's invocation, as measured on Lambda (16 ms). */
const POLL_LATENCY_MS = 16;
/** Between attempts to invoke a throttled function; doubled each time. AWS states no figure. */
const THROTTLE_BACKOFF_MS = 1000;

/**
 * A Lambda event source mapping: receives batches from the queue, invokes the function, and deletes the messages that
 * did not fail. Failed messages reappear after their visibility timeout. A throttled batch is attempted again until its visibility
 * timeout ends, when its messages, with one receive more, are visible to all. (Lambda Developer Guide, "Using Lambda with Amazon
 * SQS" and "Handling errors for an SQS event source in Lambda".)
 */
export const consumeQueue = (clock: Clock, queue: Queue, options: ConsumerOptions, invoke: Invoke): Cancel => {
  const pollers = createPollers(options.maximumConcurrency);
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
    while (!stopped && running < pollers.count(clock.now())) {
      const messages = queue.receive(options.batchSize);
      if (messages.length === 0) return pollers.rest();
      void run(messages);
    }
    if (queue.depth().visible > 0 && pollers.canGrow(clock.now())) pollIn(GROWTH_INTERVAL_MS);
  };

  /** Undefined if the function was throttled for as long as the messages were hidden. */
  const failedOrThrottled = async (records: SQSRecord[]): Promise<ReadonlySet<string> | undefined> => {
    const visibleAgainAt = clock.now() + queue.settings.visibilityTimeout * 1000;
    for (let backoffMs = THROTTLE_BACKOFF_MS; !stopped; backoffMs *= 2) {
      const failed = await failedIds(records, options, invoke);
      if (failed !== "throttled") return failed;
      pollers.backOff(clock.now());
      if (clock.now() + backoffMs >= visibleAgainAt) return undefined;
      await clock.sleep(backoffMs);
    }
    return undefined;
  };

  const run = async (messages: Message[]) => {
    running += 1;
    const receipts = new Map(messages.map((message) => [message.id, receiptOf(message)]));
    const records = messages.map((message) => toRecord(queue, message));
    const failed = await failedOrThrottled(records);
    for (const [id, receipt] of receipts) if (failed && !failed.has(id)) queue.delete(receipt);
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
): Promise<ReadonlySet<string> | "throttled"> => {
  const all = new Set(records.map((record) => record.messageId));
  try {
    const response = await invoke(records);
    if (!options.reportBatchItemFailures || !response) return new Set();
    const reported = response.batchItemFailures.map((failure) => failure.itemIdentifier);
    // If the response lists a message that is not in the batch, Lambda treats the whole batch as failed.
    return reported.every((id) => all.has(id)) ? new Set(reported) : all;
  } catch (error) {
    return error instanceof Throttled ? "throttled" : all;
  }
};

const toRecord = (queue: Queue, message: Message): SQSRecord => ({
  messageId: message.id,
  receiptHandle: receiptOf(message),
  body: message.body,
  attributes: systemAttributes(message) as unknown as SQSRecord["attributes"],
  messageAttributes: toRecordAttributes(message.attributes),
  get md5OfBody() {
    return md5(message.body);
  },
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
