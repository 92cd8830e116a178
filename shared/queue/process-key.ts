/** One key's turn: rung, leased, reconciled until nobody rings any more, released. */
import { randomUUID } from "node:crypto";
import { clusterOf } from "../model/keys.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { mergeRequeue, type Requeue, replaceRequeue, SHORTEST_REQUEUE_MS } from "./requeue-limit.ts";
import type { KeyLease, Reconcile } from "./types.ts";
import type { WorkItem, WorkKey, WorkTable } from "./work-table.ts";

/** Outlasts the functions' timeout (60 s), so that no two are ever at work on a key. */
export const LEASE_MS = 75_000;
/** What a mutating call and the release after it may take. */
const NEEDED_MS = 5_000;
/** A key that is rung while it is reconciled goes round again so often, then to the back of the queue. */
const MAX_ROUNDS = 3;
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;

/** The turn is over: too little time is left for another call that changes something. */
export class LeaseLost extends Error {
  constructor(key: string) {
    super(`no time is left for another call about ${key}`);
    this.name = "LeaseLost";
  }
}

export interface KeyPorts {
  readonly table: WorkTable;
  readonly telemetry: Telemetry;
  now(): number;
  /** Until the function times out, in ms. */
  remainingMs(): number;
  /** Names this invocation. */
  readonly owner: string;
}

export type KeyOutcome =
  /** Looked at. A wake at `wakeAt` is to be sent; undefined if one is on its way already or none is wanted. */
  | { readonly kind: "done"; readonly requeueAt: number | undefined }
  /** Another has the lease, until then. */
  | { readonly kind: "held"; readonly until: number }
  /** To be tried again at `wakeAt`; the key stays dirty. */
  | { readonly kind: "again"; readonly requeueAt: number };

export const backoffMs = (failures: number): number =>
  Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures - 1, 20), LONGEST_BACKOFF_MS);

const leaseOf = (ports: KeyPorts, key: string, { fence, leaseUntil }: WorkItem): KeyLease => ({
  key,
  fence,
  now: ports.now,
  assertHeld: () => {
    if (ports.remainingMs() < NEEDED_MS || leaseUntil - ports.now() < NEEDED_MS) throw new LeaseLost(key);
  },
});

const dimensionsOf = ({ kind, key }: WorkKey) => ({ Cluster: clusterOf(key), Function: kind });

const measured = async <T>(ports: KeyPorts, work: WorkKey, reconcile: () => Promise<T>): Promise<T> => {
  const startedAt = ports.now();
  try {
    return await reconcile();
  } finally {
    ports.telemetry.recordMetric("reconcileDuration", ports.now() - startedAt, dimensionsOf(work));
  }
};

const reportRefusal = (ports: KeyPorts, work: WorkKey, { refused, nextWakeAt }: Requeue) => {
  if (!refused) return;
  ports.telemetry.recordMetric("wakesRefused", 1, dimensionsOf(work));
  ports.telemetry.log.warn("the key wakes itself too often", { key: work.key, nextWakeAt });
};

/** Gives the lease back without having done what was rung for. The wake replaces any to come, which would be too soon. */
const tryAgain = async (
  ports: KeyPorts,
  work: WorkKey,
  item: WorkItem,
  { failures, afterMs }: { readonly failures: number; readonly afterMs: number },
): Promise<KeyOutcome> => {
  const now = ports.now();
  const wake = replaceRequeue(item, now + afterMs, now);
  reportRefusal(ports, work, wake);
  await ports.table.abandon(work, { ...wake, fence: item.fence, failures });
  return { kind: "again", requeueAt: wake.nextWakeAt };
};

const giveUp = (ports: KeyPorts, work: WorkKey, item: WorkItem, error: unknown): Promise<KeyOutcome> => {
  if (error instanceof LeaseLost) {
    ports.telemetry.log.warn("a turn ran out of time", { key: work.key });
    return tryAgain(ports, work, item, { failures: item.failures, afterMs: SHORTEST_REQUEUE_MS });
  }
  const failures = item.failures + 1;
  ports.telemetry.recordMetric("reconcileErrors", 1, dimensionsOf(work));
  ports.telemetry.log.error("reconcile failed", { key: work.key, failures, error });
  return tryAgain(ports, work, item, { failures, afterMs: backoffMs(failures) });
};

const rounds = async (ports: KeyPorts, work: WorkKey, item: WorkItem, reconcile: Reconcile): Promise<KeyOutcome> => {
  const lease = leaseOf(ports, work.key, item);
  let seen = item.dirtySeq;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const { requeueAt } = await measured(ports, work, () => reconcile(lease));
    const now = ports.now();
    // The lease is held, so no one else has changed what is recorded about wakes.
    const wake = mergeRequeue(item, requeueAt, now);
    reportRefusal(ports, work, wake);
    const outcome = await ports.table.release(work, { ...wake, fence: item.fence, seen, now, failures: 0 });
    if (outcome === "done") return { kind: "done", requeueAt: wake.send ? wake.nextWakeAt : undefined };
    if (outcome === "lost") return { kind: "held", until: now + LEASE_MS };
    seen = (await ports.table.read(work))?.dirtySeq ?? seen;
  }
  return tryAgain(ports, work, item, { failures: 0, afterMs: SHORTEST_REQUEUE_MS });
};

/** Throws only if the table cannot be reached. */
export const leaseAndReconcile = async (ports: KeyPorts, work: WorkKey, reconcile: Reconcile): Promise<KeyOutcome> => {
  // A name of this turn's own: nobody but the SDK, repeating the write, may be taken for its owner.
  const owner = `${ports.owner} ${randomUUID()}`;
  const item = await ports.table.acquire(work, owner, ports.now(), LEASE_MS);
  if (!item) {
    const { leaseUntil = 0 } = (await ports.table.read(work)) ?? {};
    return { kind: "held", until: Math.max(leaseUntil, ports.now()) };
  }
  try {
    return await rounds(ports, work, item, reconcile);
  } catch (error) {
    return giveUp(ports, work, item, error);
  }
};
