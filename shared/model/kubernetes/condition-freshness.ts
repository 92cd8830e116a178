import { type Condition, conditionOf, type KubeNode } from "./objects.ts";

/**
 * Whether a condition was reported at `startedAt` (ms) or later. A condition outlives a stop: a node shows what it last said until
 * the node controller has missed it for a while, 40 s and more. Reported times have whole seconds.
 */
export const reportedSince = (condition: Condition | undefined, startedAt: number): boolean =>
  [condition?.lastTransitionTime, condition?.lastHeartbeatTime].some(
    (time) => time !== undefined && Date.parse(time) + 999 >= startedAt,
  );

/** Ready by what its kubelet has said since `startedAt`. */
export const isReadySince = (node: KubeNode, startedAt: number): boolean => {
  const ready = conditionOf(node, "Ready");
  return ready?.status === "True" && reportedSince(ready, startedAt);
};
