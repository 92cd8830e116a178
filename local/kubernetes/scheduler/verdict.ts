import type { Refusal } from "./refusal.ts";

const list = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .toSorted()
    .join(", ");

const count = (counts: Map<string, number>, reason: string, by = 1): void => {
  counts.set(reason, (counts.get(reason) ?? 0) + by);
};

/** Why no node takes the pod, as kube-scheduler 1.36 puts it (framework.FitError, and what preemption adds to it). */
export const unschedulableMessage = (nodeCount: number, refusals: readonly Refusal[]): string => {
  if (nodeCount === 0) return "no nodes available to schedule pods";
  const reasons = new Map<string, number>();
  const preemption = new Map<string, number>();
  for (const refusal of refusals) {
    for (const reason of refusal.reasons) count(reasons, reason);
    count(
      preemption,
      refusal.othersInTheWay
        ? "No preemption victims found for incoming pod"
        : "Preemption is not helpful for scheduling",
    );
  }
  const unasked = nodeCount - refusals.length;
  if (unasked > 0) {
    count(reasons, "node(s) didn't satisfy plugin(s) [NodeAffinity]", unasked);
    count(preemption, "Preemption is not helpful for scheduling", unasked);
  }
  const available = `0/${nodeCount} nodes are available`;
  return `${available}: ${list(reasons)}. no new claims to deallocate, preemption: ${available}: ${list(preemption)}.`;
};
