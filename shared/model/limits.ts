/** The chain of times and counts that makes one worker per key safe. Infrastructure and queue code share these numbers. */

/** Timeout of the functions that reconcile. */
export const FUNCTION_TIMEOUT_MS = 60_000;

/**
 * Longer than the functions' timeout, so that two workers never hold the same key. The queues' visibility timeout is the same: when a
 * message is received again, the key's worker is done or its lease has expired.
 */
export const LEASE_MS = 75_000;

/** A failing key is retried by its message and by the sweep. After this many receives the message goes to the dead-letter queue. */
export const MAX_RECEIVES = 20;

/** The maximum delay of a message in SQS; the sweep wakes keys that are due later. */
export const MAX_DELAY_MS = 900_000;

/** Lambda's maximum batch size for SQS without a batching window. */
export const BATCH_SIZE = 10;
