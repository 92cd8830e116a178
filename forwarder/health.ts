import type { Reflector } from "./reflector.ts";

/** Longer than any normal restart of a watch, and short enough that pending pods do not wait for long. */
const MAX_OUT_OF_SYNC_MS = 60_000;
/** The lease of two holders: whoever waits must know whether to follow. */
const MAX_WITHOUT_LEASE_MS = 30_000;
/** Three heartbeats. */
const MAX_WITHOUT_SUCCESS_MS = 180_000;

/** The watches that have been down for too long. */
export const watchProblems = (reflectors: readonly Reflector[], now: number): string[] =>
  reflectors
    .filter((reflector) => now - reflector.inSyncAt() > MAX_OUT_OF_SYNC_MS)
    .map((reflector) => `${reflector.resource}: not watched for ${seconds(now - reflector.inSyncAt())} s`);

/** A problem if EventBridge has accepted no event, not even a heartbeat, for too long. */
export const sendProblems = (lastSuccessAt: number, now: number): string[] =>
  now - lastSuccessAt > MAX_WITHOUT_SUCCESS_MS
    ? [`EventBridge has accepted no event for ${seconds(now - lastSuccessAt)} s`]
    : [];

/** A problem if the API server has not answered questions about the lease for too long. */
export const leaseProblems = (answeredAt: number, now: number): string[] =>
  now - answeredAt > MAX_WITHOUT_LEASE_MS ? [`the lease has not been read for ${seconds(now - answeredAt)} s`] : [];

const seconds = (ms: number): number => Math.round(ms / 1000);
