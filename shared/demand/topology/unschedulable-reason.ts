/** Why a pod cannot run on a node because of where other pods run. */
export interface UnschedulableReason {
  readonly reason: string;
  /** Whether it still holds however many more pods are placed. */
  readonly permanent: boolean;
}
