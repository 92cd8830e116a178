/** Reconciles one key under its lease. */
import { randomUUID } from "node:crypto";
import { clusterOf } from "../model/keys.ts";
import { LEASE_MS } from "../model/limits.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { MIN_INTERVAL_MS } from "./admit.ts";
import { MIN_REQUEUE_DELAY_MS, mergeRequeue, type Requeue, replaceRequeue } from "./requeue-limit.ts";
import type { KeyLease, Reconcile, ReconcileResult } from "./types.ts";
import type { WorkItem, WorkKey, WorkTable } from "./work-table.ts";

/** Time to allow for one mutating call and the release after it. */
const MIN_REMAINING_MS = 5_000;
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
): Promise<number> => {
  const now = ports.now();
  const requeue = replaceRequeue(item, now + afterMs, now);
  reportRateLimited(ports, work, requeue);
  await ports.table.abandon(work, { ...requeue, fence: item.fence, now, failures });
  return requeue.nextWakeAt;
};

const retryAfterError = (ports: KeyPorts, work: WorkKey, item: WorkItem, error: unknown): Promise<number> => {
  if (error instanceof LeaseLost) {
    ports.telemetry.log.warn("reconcile ran out of time", { key: work.key });
    return abandonAndRetry(ports, work, item, { failures: item.failures, afterMs: MIN_REQUEUE_DELAY_MS });
  }
  const failures = item.failures + 1;
  ports.telemetry.recordMetric("reconcileErrors", 1, dimensionsOf(work));
  ports.telemetry.log.error("reconcile failed", { key: work.key, failures, error });
  return abandonAndRetry(ports, work, item, { failures, afterMs: backoffMs(failures) });
};

/** Whoever marked the key during its lease leaves it to the holder to look again, soon. */
const followUp = async ({ table }: KeyPorts, work: WorkKey, released: WorkItem): Promise<number | undefined> => {
  const { nextWakeAt, endedAt } = released;
  const until = endedAt + MIN_INTERVAL_MS;
  if (nextWakeAt !== undefined && nextWakeAt <= until) return undefined;
  return (await table.postpone(work, { replaces: nextWakeAt, until, now: endedAt })) ? until : undefined;
};

const finish = async (
  ports: KeyPorts,
  work: WorkKey,
  item: WorkItem,
  { requeueAt, isGone, answeredUntil }: ReconcileResult & { readonly answeredUntil: number },
): Promise<number | undefined> => {
  const { fence, dirtySeq: seen } = item;
  if (isGone && (await ports.table.forget(work, { fence, seen })) !== "marked") return undefined;
  const now = ports.now();
  // This worker holds the lease, so the recorded requeue has not changed since `item` was read.
  const requeue = mergeRequeue(item, requeueAt, now);
  reportRateLimited(ports, work, requeue);
  const released = await ports.table.release(work, { ...requeue, fence, seen, now, answeredUntil, failures: 0 });
  // Another worker took the lease when it had expired, and has observed later than this one.
  if (!released) return undefined;
  const followUpAt = released.dirtySeq > seen ? await followUp(ports, work, released) : undefined;
  return followUpAt ?? (requeue.send ? requeue.nextWakeAt : undefined);
};

/**
 * Reconciles a key whose lease was taken with `item`, and gives the lease back. `answeredUntil` is when the newest of the wakes that led
 * to it was sent, by SQS's clock. Returns when to wake the key again; undefined if that wake is on its way or not needed. Throws only if
 * the table cannot be reached.
 */
export const reconcileUnderLease = async (
  ports: KeyPorts,
  work: WorkKey,
  { item, answeredUntil }: { readonly item: WorkItem; readonly answeredUntil: number },
  reconcile: Reconcile,
): Promise<number | undefined> => {
  try {
    const result = await recordDuration(ports, work, () => reconcile(leaseOf(ports, work.key, item)));
    return await finish(ports, work, item, { ...result, answeredUntil });
  } catch (error) {
    return retryAfterError(ports, work, item, error);
  }
};

/** Takes the lease of a key; undefined if another worker holds it. */
export const takeLease = ({ table, owner, now }: KeyPorts, work: WorkKey): Promise<WorkItem | undefined> =>
  // The owner is unique to this lease, so that only the SDK's retry of the same write passes for it.
  table.acquire(work, `${owner} ${randomUUID()}`, now(), LEASE_MS);
