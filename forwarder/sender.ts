import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { forwarderSource } from "../shared/model/events.ts";
import { backoffMs } from "./backoff.ts";
import { type ForwarderClock, holding } from "./clock.ts";
import { describeError, type Log } from "./log.ts";
import type { ForwarderMetrics } from "./metrics.ts";
import { createOutbox, type OutboxItem } from "./outbox.ts";
import type { WakeEvent } from "./wake-events.ts";

export interface Sender {
  offer(event: WakeEvent): void;
  /** When PutEvents last accepted an event (initially, when the sender was created), in ms since the epoch. */
  lastSuccessAt(): number;
  stop(): void;
}

export interface SenderOptions {
  readonly eventBridge: Pick<EventBridgeClient, "send">;
  readonly busName: string;
  readonly cluster: string;
  readonly clock: ForwarderClock;
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: ForwarderMetrics;
  /** Asked before each request. */
  readonly maySend: () => boolean;
}

/** PutEvents' limit per request. */
const MAX_ENTRIES = 10;
/** More than one, so that one request that hangs does not block the others. */
const MAX_IN_FLIGHT = 4;
/** Short, because pods wait for these events. */
const BACKOFF = { minMs: 200, maxMs: 5000 };
/** Error codes of entries for which a retry cannot succeed. */
const PERMANENT = new Set(["InvalidArgument", "MalformedDetail", "NotAuthorizedForSourceException"]);

/** Sends the outbox's events to EventBridge in batches and retries failed ones until they are accepted. */
export const createSender = (options: SenderOptions): Sender => {
  const { clock, metrics } = options;
  const stopping = new AbortController();
  let inFlight = 0;
  let failures = 0;
  let lastSuccessAt = clock.now();
  let cancelPause: (() => void) | undefined;
  let flushScheduled = false;

  const flush = () => {
    flushScheduled = false;
    while (
      options.maySend() &&
      !outbox.isEmpty() &&
      inFlight < MAX_IN_FLIGHT &&
      !cancelPause &&
      !stopping.signal.aborted
    ) {
      void send(outbox.take(MAX_ENTRIES));
    }
  };

  const send = async (items: readonly OutboxItem[]) => {
    inFlight += 1;
    const failed = await holding(clock, () => putEvents(options, items, stopping.signal));
    inFlight -= 1;
    if (stopping.signal.aborted) return;
    const now = clock.now();
    for (const item of items) {
      const code = failed.get(item);
      if (code === undefined) metrics.sent(item.event.detailType, now - item.offeredAt);
      else metrics.failed(code);
    }
    if (failed.size < items.length) lastSuccessAt = now;
    const toRetry = items.filter((item) => failed.has(item) && !PERMANENT.has(failed.get(item) ?? ""));
    if (toRetry.length > 0) pauseAndRetry(toRetry);
    else failures = 0;
    flush();
  };

  const pauseAndRetry = (items: readonly OutboxItem[]) => {
    failures += 1;
    cancelPause?.();
    cancelPause = clock.after(backoffMs(failures, BACKOFF, options.random), () => {
      cancelPause = undefined;
      flush();
    });
    outbox.giveBack(items);
  };

  const outbox = createOutbox({
    clock,
    onReady: () => {
      if (flushScheduled) return;
      flushScheduled = true;
      // Changes in the same turn of the event loop go into the same request.
      queueMicrotask(flush);
    },
    onOverflow: () => metrics.failed("Overflow"),
  });

  return {
    offer: outbox.offer,
    lastSuccessAt: () => lastSuccessAt,
    stop: () => {
      stopping.abort();
      cancelPause?.();
      outbox.stop();
    },
  };
};

/** Sends up to ten events in one request; returns those that were not accepted, with their error codes. */
const putEvents = async (
  { eventBridge, busName, cluster, log }: SenderOptions,
  items: readonly OutboxItem[],
  abortSignal: AbortSignal,
): Promise<ReadonlyMap<OutboxItem, string>> => {
  const Entries = items.map(({ event }) => ({
    EventBusName: busName,
    Source: forwarderSource(cluster),
    DetailType: event.detailType,
    Detail: JSON.stringify(event.detail),
  }));
  try {
    const answer = await eventBridge.send(new PutEventsCommand({ Entries }), { abortSignal });
    const codes = items.map((item, index): [OutboxItem, string | undefined] => [
      item,
      answer.Entries?.[index]?.ErrorCode,
    ]);
    const failed = codes.filter((entry): entry is [OutboxItem, string] => entry[1] !== undefined);
    if (failed.length > 0) log.warn("PutEvents rejected events", { codes: failed.map(([, code]) => code) });
    return new Map(failed);
  } catch (error) {
    if (!abortSignal.aborted) log.warn("PutEvents failed", { error: describeError(error), count: items.length });
    const code = error instanceof Error ? error.name : "Unknown";
    return new Map(items.map((item) => [item, code]));
  }
};
