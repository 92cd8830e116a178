/** The work queue as reconcilers and wakers see it: per key one worker at a time, repeated wakes coalesce, none is lost. */
import type { ReconcilerKind } from "../model/events.ts";

export interface KeyLease {
  readonly key: string;
  /** Rises with every turn of this key. */
  readonly fence: number;
  now(): number;
  /** Throws `LeaseLost` when too little time is left for another mutating call. Call it before each one. */
  assertHeld(): void;
}

export interface ReconcileResult {
  /** When to look at this key again without any event, in ms since the epoch. The earliest recorded wake wins. */
  readonly requeueAt?: number;
}

/** One reconcile of one key. A throw is a failure: the key is tried again with exponential backoff. */
export type Reconcile = (lease: KeyLease) => Promise<ReconcileResult>;

export interface WakeSender {
  /** Rings keys at once, in batches of 10 messages. */
  enqueue(kind: ReconcilerKind, keys: readonly string[]): Promise<void>;
}
