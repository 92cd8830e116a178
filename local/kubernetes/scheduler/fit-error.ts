import type { FilterStatus } from "./filter-status.ts";

const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .toSorted()
    .join(", ");

const count = (counts: Map<string, number>, reason: string, by = 1): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + by);
};

/** Why the pod fits no node, in the words of kube-scheduler 1.36 (framework.FitError and the part that preemption appends). */
export const unschedulableMessage = (nodeCount: number, statuses: readonly FilterStatus[]): string => {
  if (nodeCount === 0) return "no nodes available to schedule pods";
  const reasons = new Map<string, number>();
  const preemption = new Map<string, number>();
  for (const status of statuses) {
    for (const reason of status.reasons) count(reasons, reason);
    count(
      preemption,
      status.isResolvable ? "No preemption victims found for incoming pod" : "Preemption is not helpful for scheduling",
    );
  }
  const excluded = nodeCount - statuses.length;
  if (excluded > 0) {
    count(reasons, "node(s) didn't satisfy plugin(s) [NodeAffinity]", excluded);
    count(preemption, "Preemption is not helpful for scheduling", excluded);
  }
  const available = `0/${nodeCount} nodes are available`;
  return `${available}: ${list(reasons)}. no new claims to deallocate, preemption: ${available}: ${list(preemption)}.`;
};
