import { USUAL_LAG_MS } from "../aws/dynamodb/replica.ts";
import { type BusFaults, noBusFaults, usualBusFaults } from "../aws/eventbridge/faults.ts";
import { noQueueFaults, type QueueFaults, usualQueueFaults } from "../aws/sqs/faults.ts";

/**
 * How messages travel. `usual`: some events are late, doubled or out of order, queues deliver at least once, and indexes lag.
 * `exact`: in order, exactly once and at once, for tests that count calls.
 */
export type Messaging = "usual" | "exact";

interface MessagingFaults {
  readonly faults: BusFaults;
  readonly queueFaults: QueueFaults;
  readonly tableLagMs?: number;
}

export const messagingFaults = (messaging: Messaging): MessagingFaults =>
  messaging === "exact"
    ? { faults: noBusFaults(), queueFaults: noQueueFaults() }
    : { faults: usualBusFaults(), queueFaults: usualQueueFaults(), tableLagMs: USUAL_LAG_MS };
