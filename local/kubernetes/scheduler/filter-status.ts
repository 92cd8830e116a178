/** Why a node failed a filter, in kube-scheduler's words (framework.Status). */
export interface FilterStatus {
  readonly reasons: readonly string[];
  /** Whether removing other pods could make the pod fit. Only then does kube-scheduler consider preemption. */
  readonly isResolvable: boolean;
}

/** kube-scheduler's UnschedulableAndUnresolvable: removing other pods does not help. */
export const unresolvable = (reason: string): FilterStatus => ({ reasons: [reason], isResolvable: false });

/** kube-scheduler's Unschedulable: removing other pods may help. */
export const unschedulable = (...reasons: string[]): FilterStatus => ({ reasons, isResolvable: true });
