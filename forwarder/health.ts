import type { Reflector } from "./reflector.ts";

/** Longer than any restart of an API server's watch, and short of what a pending pod would notice twice. */
const MOST_OUT_OF_SYNC_MS = 60_000;
/** Three heartbeats. */
const MOST_WITHOUT_SUCCESS_MS = 180_000;

/** Which watches have been down for too long. */
export const watchProblems = (reflectors: readonly Reflector[], now: number): string[] =>
  reflectors
    .filter((reflector) => now - reflector.inSyncAt() > MOST_OUT_OF_SYNC_MS)
    .map((reflector) => `${reflector.resource}: not watched for ${seconds(now - reflector.inSyncAt())} s`);

/** Whether the bus has taken nothing, not even a heartbeat, for too long. */
export const sendProblems = (lastSuccessAt: number, now: number): string[] =>
  now - lastSuccessAt > MOST_WITHOUT_SUCCESS_MS ? [`no event taken for ${seconds(now - lastSuccessAt)} s`] : [];

const seconds = (ms: number): number => Math.round(ms / 1000);
