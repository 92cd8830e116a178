/** The work queue as reconcilers and event handlers see it: one worker per key, repeated wakes coalesce, no wake is lost. */
import type { ReconcilerKind } from "../model/events.ts";

export interface KeyLease {
  readonly key: string;
  /** Fencing token: increases with every lease of this key. */
  readonly fence: number;
  now(): number;
  /** Throws `LeaseLost` when too little time is left for another mutating call. Call it before each one. */
  assertHeld(): void;
}

export interface ReconcileResult {
  /** When to reconcile this key again without an event, in ms since the epoch. An earlier pending requeue wins. */
  readonly requeueAt?: number;
  /** The object of the key does not exist any more, nor anything of it: the key is forgotten. */
  readonly isGone?: boolean;
}

/** Reconciles one key. If it throws, the key is retried with exponential backoff. */
export type Reconcile = (lease: KeyLease) => Promise<ReconcileResult>;

export interface WakeSender {
  /** Wakes the keys immediately, in batches of 10 messages. */
  enqueue(kind: ReconcilerKind, keys: readonly string[]): Promise<void>;
}
