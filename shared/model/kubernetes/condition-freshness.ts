import { type Condition, conditionOf, type KubeNode } from "./objects.ts";

/** Whether a time in an object is `startedAt` (ms since the epoch) or later. Times in objects are in whole seconds. */
export const isSince = (time: string | undefined, startedAt: number): boolean =>
  time !== undefined && Date.parse(time) + 999 >= startedAt;

/**
 * Whether a condition was reported at `startedAt` (ms since the epoch) or later. A condition outlives a stop: a stopped node keeps its last one
 * until the node controller has missed its heartbeats for 40 s or more.
 */
export const reportedSince = (condition: Condition | undefined, startedAt: number): boolean =>
  [condition?.lastTransitionTime, condition?.lastHeartbeatTime].some((time) => isSince(time, startedAt));

/** Whether kubelet has reported the node Ready since `startedAt` (ms since the epoch). */
export const isReadySince = (node: KubeNode, startedAt: number): boolean => {
  const ready = conditionOf(node, "Ready");
  return ready?.status === "True" && reportedSince(ready, startedAt);
};
