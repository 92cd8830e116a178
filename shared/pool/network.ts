/** Whether a node's network is ready, from what the CNI or the EKS node monitoring agent reports on the node. */
import { type Condition, conditionOf, type KubeNode } from "../kube/objects.ts";

const CNI_REASONS: readonly (string | undefined)[] = ["CiliumIsUp", "CalicoIsUp"];

/** A condition outlives a stop; only what was reported after the start counts. Reported times have whole seconds. */
const isFresh = (condition: Condition, startedAt: number): boolean =>
  [condition.lastTransitionTime, condition.lastHeartbeatTime].some(
    (time) => time !== undefined && Date.parse(time) + 999 >= startedAt,
  );

/** `startedAt`: when the latest start was decided, in ms; 0 for an instance that has not been started yet. */
export const isNetworkReady = (node: KubeNode, startedAt: number): boolean => {
  const networking = conditionOf(node, "NetworkingReady");
  if (networking?.status === "True" && isFresh(networking, startedAt)) return true;
  const unavailable = conditionOf(node, "NetworkUnavailable");
  return unavailable?.status === "False" && CNI_REASONS.includes(unavailable.reason) && isFresh(unavailable, startedAt);
};
