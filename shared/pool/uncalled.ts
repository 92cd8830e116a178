/** Instances that someone else started from standby: they run, and nothing has called for them. */
import type { InstanceRecord } from "./view.ts";

export const STARTED_FROM_OUTSIDE = "StartedFromOutside";

/** On its way back to standby, in effect: nothing has to be launched in its place. */
export const isUncalled = ({ state, reason }: InstanceRecord): boolean =>
  state === "running" && reason === STARTED_FROM_OUTSIDE;
