/** Processes one key: takes its lease, reconciles until the key is no longer dirty, releases the lease. */
import { randomUUID } from "node:crypto";
import { clusterOf } from "../model/keys.ts";
import { LEASE_MS } from "../model/limits.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { MIN_REQUEUE_DELAY_MS, mergeRequeue, type Requeue, replaceRequeue } from "./requeue-limit.ts";
import type { KeyLease, Reconcile } from "./types.ts";
import type { WorkItem, WorkKey, WorkTable } from "./work-table.ts";

/** Time to allow for one mutating call and the release after it. */
const MIN_REMAINING_MS = 5_000;
/** A key that is marked dirty during its reconcile is reconciled again, this many times at most; then it goes to the back of the queue. */
const MAX_ROUNDS = 3;
const BASE_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;

/** The lease or the function is about to expire: too little time is left for another mutating call. */
export class LeaseLost extends Error {
  constructor(key: string) {
    super(`reconciling ${key}: too little time left for another mutating call`);
    this.name = "LeaseLost";
  }
}

export interface KeyPorts {
  readonly table: WorkTable;
  readonly telemetry: Telemetry;
  now(): number;
  /** Time until the function times out, in ms. */
  remainingMs(): number;
  /** Identifies this invocation. */
  readonly owner: string;
}

export type KeyOutcome =
  /** Reconciled. Send a wake for `requeueAt`; undefined if one is already in flight or none is needed. */
  | { readonly kind: "done"; readonly requeueAt: number | undefined }
  /** Another worker holds the lease until `until`. */
  | { readonly kind: "held"; readonly until: number }
  /** Retry at `requeueAt`; the key stays dirty. */
  | { readonly kind: "retry"; readonly requeueAt: number };

export const backoffMs = (failures: number): number =>
  Math.min(BASE_BACKOFF_MS * 2 ** Math.min(failures - 1, 20), MAX_BACKOFF_MS);

const leaseOf = (ports: KeyPorts, key: string, { fence, leaseUntil }: WorkItem): KeyLease => ({
  key,
  fence,
  now: ports.now,
  assertHeld: () => {
    if (Math.min(ports.remainingMs(), leaseUntil - ports.now()) < MIN_REMAINING_MS) throw new LeaseLost(key);
  },
});

const dimensionsOf = ({ kind, key }: WorkKey) => ({ Cluster: clusterOf(key), Function: kind });

const recordDuration = async <T>(ports: KeyPorts, work: WorkKey, reconcile: () => Promise<T>): Promise<T> => {
  const startedAt = ports.now();
  try {
    return await reconcile();
  } finally {
    ports.telemetry.recordMetric("reconcileDuration", ports.now() - startedAt, dimensionsOf(work));
  }
};

const reportRateLimited = (ports: KeyPorts, work: WorkKey, { isRateLimited, nextWakeAt }: Requeue) => {
  if (!isRateLimited) return;
  ports.telemetry.recordMetric("wakesRefused", 1, dimensionsOf(work));
  ports.telemetry.log.warn("the key requeues itself too often", { key: work.key, nextWakeAt });
};

/** Gives the lease back with the key still dirty. The new requeue replaces a pending one, which would come too soon. */
const abandonAndRetry = async (
  ports: KeyPorts,
  work: WorkKey,
  item: WorkItem,
  { failures, afterMs }: { readonly failures: number; readonly afterMs: number },
): Promise<KeyOutcome> => {
  const now = ports.now();
  const requeue = replaceRequeue(item, now + afterMs, now);
  reportRateLimited(ports, work, requeue);
  await ports.table.abandon(work, { ...requeue, fence: item.fence, failures });
  return { kind: "retry", requeueAt: requeue.nextWakeAt };
};

const retryAfterError = (ports: KeyPorts, work: WorkKey, item: WorkItem, error: unknown): Promise<KeyOutcome> => {
  if (error instanceof LeaseLost) {
    ports.telemetry.log.warn("reconcile ran out of time", { key: work.key });
    return abandonAndRetry(ports, work, item, { failures: item.failures, afterMs: MIN_REQUEUE_DELAY_MS });
  }
  const failures = item.failures + 1;
  ports.telemetry.recordMetric("reconcileErrors", 1, dimensionsOf(work));
  ports.telemetry.log.error("reconcile failed", { key: work.key, failures, error });
  return abandonAndRetry(ports, work, item, { failures, afterMs: backoffMs(failures) });
};

const reconcileUntilClean = async (
  ports: KeyPorts,
  work: WorkKey,
  item: WorkItem,
  reconcile: Reconcile,
): Promise<KeyOutcome> => {
  const lease = leaseOf(ports, work.key, item);
  let seen = item.dirtySeq;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const { requeueAt, isGone } = await recordDuration(ports, work, () => reconcile(lease));
    const now = ports.now();
    const { fence } = item;
    // This worker holds the lease, so the recorded requeue has not changed since `item` was read.
    const requeue = mergeRequeue(item, requeueAt, now);
    reportRateLimited(ports, work, requeue);
    const outcome = isGone
      ? await ports.table.forget(work, { fence, seen })
      : await ports.table.release(work, { ...requeue, fence, seen, now, failures: 0 });
    if (outcome === "done")
      return { kind: "done", requeueAt: requeue.send && !isGone ? requeue.nextWakeAt : undefined };
    if (outcome === "lost") return { kind: "held", until: now + LEASE_MS };
    seen = (await ports.table.read(work))?.dirtySeq ?? seen;
  }
  return abandonAndRetry(ports, work, item, { failures: 0, afterMs: MIN_REQUEUE_DELAY_MS });
};

/** Reconciles a dirty key under its lease. Throws only if the table cannot be reached. */
export const leaseAndReconcile = async (ports: KeyPorts, work: WorkKey, reconcile: Reconcile): Promise<KeyOutcome> => {
  // Unique to this lease, so that only the SDK's retry of the same write passes for the owner.
  const owner = `${ports.owner} ${randomUUID()}`;
  const item = await ports.table.acquire(work, owner, ports.now(), LEASE_MS);
  if (!item) {
    const { leaseUntil = 0 } = (await ports.table.read(work)) ?? {};
    return { kind: "held", until: Math.max(leaseUntil, ports.now()) };
  }
  try {
    return await reconcileUntilClean(ports, work, item, reconcile);
  } catch (error) {
    return retryAfterError(ports, work, item, error);
  }
};
