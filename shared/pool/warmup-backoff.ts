/** Launches whose warmup keeps failing: how many in a row, and how long the next launch waits. */

import type { InstanceRecord } from "../model/instance-record.ts";
import type { WarmupFailureReason, WarmupFailures } from "../model/warmup-failures.ts";
import type { PoolView } from "./view.ts";

const FIRST_BACKOFF_MS = 30_000;
/** A repair outside of Stratos, of a route or a registry, is noticed within this time. */
const MAX_BACKOFF_MS = 30 * 60_000;
/** A node may report a long reason; the table keeps no more than an event shows. */
const MAX_MESSAGE = 1024;
/** Keeps the exponent small; the backoff has reached its maximum long before. */
const MAX_DOUBLINGS = 20;

/** Undefined once the fingerprint has changed: earlier failures say nothing about instances launched from another configuration. */
export const currentFailures = ({ warmupFailures, fingerprint }: PoolView): WarmupFailures | undefined =>
  warmupFailures?.fingerprint === undefined || fingerprint === undefined || warmupFailures.fingerprint === fingerprint
    ? warmupFailures
    : undefined;

/**
 * The failures with one more launch. An instance that was launched before the latest failure was counted belongs to that failure, so a
 * batch counts once, and so does an instance that is observed twice because of a crash.
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
  const text = message.slice(0, MAX_MESSAGE);
  return { failures, failedAt: now, reason, message: text, ...(fingerprint !== undefined && { fingerprint }) };
};

/** The end of the launch backoff, in ms; 0 without failures. */
export const launchBackoffUntil = (view: PoolView): number => {
  const current = currentFailures(view);
  if (!current) return 0;
  const backoffMs = FIRST_BACKOFF_MS * 2 ** Math.min(current.failures - 1, MAX_DOUBLINGS);
  return current.failedAt + Math.min(backoffMs, MAX_BACKOFF_MS);
};
