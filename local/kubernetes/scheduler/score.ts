import { untolerated } from "../tolerations.ts";
import type { NodeState } from "./cluster-state.ts";
import type { PodFacts } from "./pod-facts.ts";

/** What a container without requests is taken for when nodes are compared (kube-scheduler, GetNonzeroRequests). */
const ASSUMED: ReadonlyMap<string, number> = new Map([
  ["cpu", 100],
  ["memory", 200 * 2 ** 20],
]);
const TAINT_WEIGHT = 300;

/** Higher is better: the share of CPU and memory left free (LeastAllocated), far less where a PreferNoSchedule taint stands. */
export const scoreNode = ({ pod, request }: PodFacts, { node, allocatable, requested }: NodeState): number => {
  let free = 0;
  for (const [name, assumed] of ASSUMED) {
    const whole = allocatable.get(name) ?? 0;
    const wanted = request.get(name) || assumed;
    if (whole > 0) free += ((whole - (requested.get(name) ?? 0) - wanted) / whole) * 50;
  }
  const isUnloved = untolerated(node.spec.taints, pod.spec.tolerations, ["PreferNoSchedule"]);
  return free - (isUnloved ? TAINT_WEIGHT : 0);
};
