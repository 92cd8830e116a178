/** The states of an instance and the allowed transitions. Any other transition does not type-check. */

const NEXT = {
  warmup: ["standby", "running", "terminating"],
  standby: ["running", "warmup", "terminating"],
  running: ["stopping", "standby", "terminating"],
  stopping: ["standby", "running", "terminating"],
  terminating: [],
} as const;

export type PoolState = keyof typeof NEXT;
export type NextState<S extends PoolState> = (typeof NEXT)[S][number];

export const POOL_STATES = Object.keys(NEXT) as readonly PoolState[];

export const isPoolState = (value: string | undefined): value is PoolState =>
  value !== undefined && Object.hasOwn(NEXT, value);

/** Whether an instance in this state, as a node's label says it, is standby or on its way there. */
export const isOutOfService = (state: string | null | undefined): boolean =>
  state === "stopping" || state === "standby";

export const mayFollow = (from: PoolState, to: PoolState): boolean => (NEXT[from] as readonly string[]).includes(to);
