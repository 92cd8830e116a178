/** Why a node does not take a pod, in kube-scheduler's words. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** Whether the node would take it if other pods left, which is when kube-scheduler considers preempting them. */
  readonly othersInTheWay: boolean;
}

/** For what stays so whoever leaves the node. */
export const lasting = (reason: string): Refusal => ({ reasons: [reason], othersInTheWay: false });

export const crowded = (...reasons: string[]): Refusal => ({ reasons, othersInTheWay: true });
