import type { RecordChange } from "./actions.ts";

/** What the record of an instance forgets when it is standby again: all that was about the time it was in use. */
export const AT_REST: RecordChange = {
  startedAt: null,
  demandSince: null,
  readyAt: null,
  emptySince: null,
  restartedAt: null,
  runtimeWarnedAt: null,
  drain: null,
  stopRequestedAt: null,
  stopForcedAt: null,
};
