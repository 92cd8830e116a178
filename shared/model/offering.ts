import type { Labels, ResourceList, Taint } from "./kubernetes/objects.ts";

/** What a pool could launch: one instance type in one zone. */
export interface Offering {
  readonly instanceType: string;
  readonly zone: string;
  /** As in the node label: `amd64` or `arm64`. */
  readonly architecture: string;
  /** Undefined if the type's size is unknown: then a node takes one pod. */
  readonly allocatable: ResourceList | undefined;
  /** Labels and taints from the node class, in addition to the pool's. */
  readonly labels?: Labels;
  readonly taints?: readonly Taint[];
}

export interface LaunchCapacity {
  /** The number of free slots of the pool. */
  readonly maxNodes: number;
  /** Most preferred instance type first: a type is launched only if the types before it cannot take the pods. */
  readonly offerings: readonly Offering[];
}
