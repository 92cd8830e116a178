import { untolerated } from "../objects/tolerations.ts";
import type { NodeState } from "./cluster-state.ts";
import type { PodFacts } from "./pod-facts.ts";

/** The requests assumed for a pod without any when nodes are scored (kube-scheduler, GetNonzeroRequests). */
const DEFAULT_REQUESTS: ReadonlyMap<string, number> = new Map([
  ["cpu", 100],
  ["memory", 200 * 2 ** 20],
]);
const TAINT_WEIGHT = 300;

/**
 * Higher is better: the fraction of CPU and memory left free (LeastAllocated), minus a penalty for an untolerated
 * PreferNoSchedule taint.
 */
export const scoreNode = ({ pod, request }: PodFacts, { node, allocatable, requested }: NodeState): number => {
  let free = 0;
  for (const [name, assumed] of DEFAULT_REQUESTS) {
    const total = allocatable.get(name) ?? 0;
    const requests = request.get(name) || assumed;
    if (total > 0) free += ((total - (requested.get(name) ?? 0) - requests) / total) * 50;
  }
  const hasSoftTaint = untolerated(node.spec.taints, pod.spec.tolerations, ["PreferNoSchedule"]);
  return free - (hasSoftTaint ? TAINT_WEIGHT : 0);
};
