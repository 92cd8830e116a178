/** Decides, from a key's item, what the wakes for that key lead to. Many wakes in a short time cost one reconcile and one write. */
import type { WorkItem } from "./work-table.ts";

/** A key is reconciled at once when it was quiet, then not before this long after its last end. */
export const MIN_INTERVAL_MS = 1_000;

/** SQS measures a delay by its own clock; the recorded time is by the function's clock. */
const CLOCK_SKEW_MS = 1_000;

/** A message that wakes a key. */
export interface Wake {
  /** Only of the key's own timers: the `nextWakeAt` that was recorded for it. Other wakes come from an event or another reconciler. */
  readonly at: number | undefined;
  /** By SQS's clock, in ms since the epoch. */
  readonly sentAt: number;
  /** SQS has delivered it before. */
  readonly isRedelivered: boolean;
}

export type Admission =
  /** The key needs nothing. */
  | { readonly kind: "acknowledge" }
  /** Another message leads to the reconcile that the key needs: a timer, or that of the worker that holds the lease. */
  | { readonly kind: "covered" }
  /** Another worker holds the lease and must be told. */
  | { readonly kind: "mark" }
  /** The key was reconciled a moment ago. */
  | { readonly kind: "postpone"; readonly until: number }
  | { readonly kind: "reconcile" };

const ACKNOWLEDGE: Admission = { kind: "acknowledge" };
const COVERED: Admission = { kind: "covered" };

/**
 * Whether a complete reconcile began after the wake was sent. SQS's times are in ms: of two messages with the same one, the second may have
 * been sent when the reconcile for the first had begun. One that comes again is taken for the first.
 */
const isAnswered = ({ answeredUntil }: WorkItem, { sentAt, isRedelivered }: Wake): boolean =>
  sentAt < answeredUntil || (isRedelivered && sentAt === answeredUntil);

const isHeld = ({ leaseUntil }: WorkItem, now: number): boolean => leaseUntil > now;

/**
 * Whether the key waits for a wake that got lost: a function crashed during a reconcile, or before it could send the timer that it had
 * recorded. The message of that function, whatever it is, is delivered again and takes its place.
 */
const isLeftBehind = (item: WorkItem, now: number): boolean =>
  !isHeld(item, now) &&
  ((item.dirtySeq > item.doneSeq && item.failures === 0) || (item.nextWakeAt !== undefined && item.nextWakeAt <= now));

/** A timer is obsolete if its time was moved later, or if another reconcile cleared it. */
const isDue = ({ nextWakeAt }: WorkItem, now: number): boolean =>
  nextWakeAt !== undefined && nextWakeAt <= now + CLOCK_SKEW_MS;

const isNeeded = (item: WorkItem, wake: Wake, now: number): boolean =>
  isLeftBehind(item, now) || (wake.at === undefined ? !isAnswered(item, wake) : isDue(item, now));

/** Whether one of the wakes is the timer that is recorded, so that no other message for that time is on its way. */
export const includesTimer = ({ nextWakeAt }: WorkItem, wakes: readonly Wake[]): boolean =>
  nextWakeAt !== undefined && wakes.some(({ at }) => at === nextWakeAt);

const admitFree = (item: WorkItem, wakes: readonly Wake[], now: number): Admission => {
  const until = item.endedAt + MIN_INTERVAL_MS;
  if (now >= until) return { kind: "reconcile" };
  const { nextWakeAt } = item;
  const isSoon = nextWakeAt !== undefined && now < nextWakeAt && nextWakeAt <= until;
  return isSoon && !includesTimer(item, wakes) ? COVERED : { kind: "postpone", until };
};

/** `item` is undefined for a key that was never reconciled, or whose object is gone. */
export const admit = (item: WorkItem | undefined, wakes: readonly Wake[], now: number): Admission => {
  if (!item) return wakes.every(({ at }) => at !== undefined) ? ACKNOWLEDGE : { kind: "reconcile" };
  const needed = wakes.filter((wake) => isNeeded(item, wake, now));
  if (!isHeld(item, now)) return needed.length === 0 ? ACKNOWLEDGE : admitFree(item, needed, now);
  return needed.length === 0 || item.dirtySeq > item.seenSeq ? COVERED : { kind: "mark" };
};
