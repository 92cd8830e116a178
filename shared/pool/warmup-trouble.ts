/** Launches that keep failing to warm up: how often in a row, and how long the next one waits. */
import type { InstanceRecord, PoolView } from "./view.ts";
import type { WarmupFailure } from "./warmup-outcome.ts";

/** Kept in the table with the pool's slots, until a warmup succeeds. */
export interface WarmupTrouble {
  /** Launches in a row of which an instance failed; those of one launch count once. */
  readonly failures: number;
  /** When the latest of them was counted, in ms. */
  readonly failedAt: number;
  readonly reason: WarmupFailure;
  readonly message: string;
}

const FIRST_BACKOFF_MS = 30_000;
/** What is mended outside, a route or a registry, is noticed within this time. */
const LONGEST_BACKOFF_MS = 30 * 60_000;
/** Beyond this the backoff has long been the longest. */
const MOST_DOUBLINGS = 20;

/**
 * The trouble with one more failed launch. An instance that was launched before the latest failure was counted belongs to that
 * failure, so that a batch counts once, and so does an instance that is looked at twice because of a crash.
 */
export const withFailure = (
  { warmupTrouble, now }: PoolView,
  { stateSince }: InstanceRecord,
  reason: WarmupFailure,
  message: string,
): WarmupTrouble => {
  if (warmupTrouble && stateSince < warmupTrouble.failedAt) return warmupTrouble;
  return { failures: (warmupTrouble?.failures ?? 0) + 1, failedAt: now, reason, message };
};

/** Until when nothing is launched, in ms; the past, if nothing is held back. */
export const launchesHeldUntil = ({ warmupTrouble }: PoolView): number => {
  if (!warmupTrouble) return 0;
  const { failures, failedAt } = warmupTrouble;
  return failedAt + Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, MOST_DOUBLINGS), LONGEST_BACKOFF_MS);
};
