import type { Labels, ResourceList, Taint } from "./kubernetes/objects.ts";

/** A kind of node that a pool could launch: one instance type in one zone. */
export interface Offering {
  readonly instanceType: string;
  readonly zone: string;
  /** As nodes are labelled: `amd64` or `arm64`. */
  readonly architecture: string;
  /** Undefined while nothing is known of the type; then a node takes one pod. */
  readonly allocatable: ResourceList | undefined;
  /** Those that the node class gives its nodes, besides the pool's. */
  readonly labels?: Labels;
  readonly taints?: readonly Taint[];
}

export interface LaunchCapacity {
  /** Free slots of the pool. */
  readonly maxNodes: number;
  /** By instance type, the most wanted first: a type is launched only where those before it cannot take the pods. */
  readonly offerings: readonly Offering[];
}
