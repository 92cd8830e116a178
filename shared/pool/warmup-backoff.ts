/** Launches that keep failing to warm up: how often in a row, and how long the next one waits. */

import type { InstanceRecord } from "../model/instance-record.ts";
import type { WarmupFailureReason, WarmupFailures } from "../model/warmup-failures.ts";
import type { PoolView } from "./view.ts";

const FIRST_BACKOFF_MS = 30_000;
/** What is mended outside, a route or a registry, is noticed within this time. */
const LONGEST_BACKOFF_MS = 30 * 60_000;
/** A node may say at length why it failed; the table need not keep more than an event shows. */
const MAX_MESSAGE = 1024;
/** Beyond this the backoff has long been the longest. */
const MOST_DOUBLINGS = 20;

/** Undefined once instances are made from something else: what failed before says nothing of them. */
export const currentFailures = ({ warmupFailures, fingerprint }: PoolView): WarmupFailures | undefined =>
  warmupFailures?.fingerprint === undefined || fingerprint === undefined || warmupFailures.fingerprint === fingerprint
    ? warmupFailures
    : undefined;

/**
 * The trouble with one more failed launch. An instance that was launched before the latest failure was counted belongs to that
 * failure, so that a batch counts once, and so does an instance that is looked at twice because of a crash.
 */
export const withFailure = (
  view: PoolView,
  { stateSince, fingerprint }: InstanceRecord,
  reason: WarmupFailureReason,
  message: string,
): WarmupFailures => {
  const { warmupFailures, now } = view;
  if (warmupFailures && stateSince < warmupFailures.failedAt) return warmupFailures;
  const failures = (currentFailures(view)?.failures ?? 0) + 1;
  const said = message.slice(0, MAX_MESSAGE);
  return { failures, failedAt: now, reason, message: said, ...(fingerprint !== undefined && { fingerprint }) };
};

/** Until when nothing is launched, in ms; the past, if nothing is held back. */
export const launchBackoffUntil = (view: PoolView): number => {
  const current = currentFailures(view);
  if (!current) return 0;
  const backoffMs = FIRST_BACKOFF_MS * 2 ** Math.min(current.failures - 1, MOST_DOUBLINGS);
  return current.failedAt + Math.min(backoffMs, LONGEST_BACKOFF_MS);
};
