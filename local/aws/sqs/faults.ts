/** How a standard queue differs from an exact one; the fields can change at any time. Probabilities are from 0 to 1. */
export interface QueueFaults {
  /**
   * Probability that a server with a copy of the message misses a receive, so that the message stays visible for others, and
   * that it misses a deletion, so that the message comes back when its visibility timeout ends.
   */
  duplicate: number;
  /** Probability that a call receives messages in another order than they were sent in. */
  reorder: number;
}

/** What the queues of a cloud share. */
export interface QueueChance {
  readonly faults: QueueFaults;
  /** Returns seeded values in [0, 1). */
  readonly random: () => number;
}

export const noQueueFaults = (): QueueFaults => ({ duplicate: 0, reorder: 0 });

/**
 * What is normal for a standard queue: AWS promises at-least-once delivery and best-effort ordering, and states no rates. These are
 * higher than observed ones, so that every run meets them. (SQS Developer Guide, "Amazon SQS standard queues" and "At-least-once
 * delivery".)
 */
export const usualQueueFaults = (): QueueFaults => ({ duplicate: 0.02, reorder: 0.2 });

export const occurs = (probability: number, random: () => number): boolean => probability > 0 && random() < probability;

export const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, rank: random() }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
