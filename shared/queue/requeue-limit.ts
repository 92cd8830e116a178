/** When a key requeues itself, and how often it may: Lambda's recursive-loop detection is off for the reconcilers. */

/** The number of requeues since `wakesSince`, which is in ms since the epoch. */
export interface RequeueBudget {
  readonly wakesSince: number;
  readonly wakes: number;
}

/** The requeue fields of a key's item. */
export interface RecordedRequeues extends RequeueBudget {
  readonly nextWakeAt?: number;
}

/** The requeue to record. */
export interface Requeue extends RequeueBudget {
  readonly nextWakeAt: number | undefined;
  /** False if a message for that time is already in flight, or no requeue is needed. */
  readonly send: boolean;
  /** The key has requeued itself too often and gets a later time than it requested. */
  readonly isRateLimited: boolean;
}

/** A key requeues itself at most once a second, whatever its reconciler requests. */
export const MIN_REQUEUE_DELAY_MS = 1_000;
const WINDOW_MS = 5 * 60_000;
/** Two minutes of one reconcile per second: a large pool needs that during warmup, then settles. */
const WAKES_PER_WINDOW = 120;
/** Slow enough to cost almost nothing, fast enough for a busy pool to make progress. */
const RATE_LIMITED_DELAY_MS = 10_000;

/** Replaces any pending requeue. */
export const replaceRequeue = (
  recorded: RecordedRequeues,
  requestedAt: number,
  now: number,
): Requeue & { nextWakeAt: number } => {
  const isNewWindow = now - recorded.wakesSince >= WINDOW_MS;
  const wakes = isNewWindow ? 1 : recorded.wakes + 1;
  const isOverLimit = wakes > WAKES_PER_WINDOW;
  const earliest = now + (isOverLimit ? RATE_LIMITED_DELAY_MS : MIN_REQUEUE_DELAY_MS);
  return {
    wakesSince: isNewWindow ? now : recorded.wakesSince,
    wakes,
    nextWakeAt: Math.max(requestedAt, earliest),
    send: true,
    isRateLimited: isOverLimit && requestedAt < earliest,
  };
};

/** Keeps the earlier of the pending requeue and the requested one, so that a key has one message in flight, not many. */
export const mergeRequeue = (recorded: RecordedRequeues, requestedAt: number | undefined, now: number): Requeue => {
  const { nextWakeAt, wakesSince, wakes } = recorded;
  const pending = nextWakeAt !== undefined && nextWakeAt > now ? nextWakeAt : undefined;
  const requested = requestedAt === undefined ? undefined : Math.max(requestedAt, now + MIN_REQUEUE_DELAY_MS);
  if (requested === undefined || (pending !== undefined && pending <= requested)) {
    return { nextWakeAt: pending, wakesSince, wakes, send: false, isRateLimited: false };
  }
  return replaceRequeue(recorded, requested, now);
};
