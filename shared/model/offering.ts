import type { Labels, ResourceList, Taint } from "./kubernetes/objects.ts";

/** What a pool could launch: one instance type in one zone. */
export interface Offering {
  readonly instanceType: string;
  readonly zone: string;
}

/** An offering that is not known to be unavailable. */
export interface AvailableOffering extends Offering {
  /**
   * In the class's subnets in the zone; absent if unknown. No more nodes than that are launched there. If there are none, the zone comes last: the
   * number may be out of date.
   */
  readonly freeAddresses?: number;
}

export interface LaunchCapacity {
  /** The number of free slots of the pool. */
  readonly maxNodes: number;
  /** Most preferred instance type first: a type is launched only if the types before it cannot take the pods. */
  readonly offerings: readonly AvailableOffering[];
}

/** What the node class says about nodes that do not exist yet. */
export interface ClassTemplate {
  /** As in the node label: `amd64` or `arm64`. Undefined without a node class. */
  readonly architecture?: string;
  /** Labels and taints that kubelet registers the node with, in addition to the pool's. */
  readonly labels: Labels;
  readonly taints: readonly Taint[];
  /** Estimated allocatable by instance type. An absent resource is unknown, an absent type too. */
  readonly estimates: ReadonlyMap<string, ResourceList>;
}
