/** Storage objects, reduced to what determines where a pod's volumes can be. */
import type { ObjectMeta, ResourceList } from "./objects.ts";
import type { LabelSelector, NodeSelectorTerm } from "./scheduling.ts";

export interface PersistentVolumeClaim {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly volumeName?: string;
    readonly storageClassName?: string;
    readonly accessModes?: readonly string[];
    readonly resources?: { readonly requests?: ResourceList };
  };
}

export interface PersistentVolume {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly storageClassName?: string;
    readonly accessModes?: readonly string[];
    readonly capacity?: ResourceList;
    readonly claimRef?: { readonly namespace?: string; readonly name?: string };
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] } };
    readonly awsElasticBlockStore?: { readonly volumeID: string };
    readonly csi?: { readonly driver: string; readonly volumeHandle?: string };
  };
}

export interface StorageClass {
  readonly metadata: ObjectMeta;
  readonly provisioner: string;
  /** `Immediate` if absent. */
  readonly volumeBindingMode?: string;
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values: readonly string[] }[];
  }[];
}

/** Has the name of its driver. */
export interface CsiDriver {
  readonly metadata: ObjectMeta;
  /** Whether the scheduler asks for the driver's capacity. */
  readonly spec: { readonly storageCapacity?: boolean };
}

export interface CsiStorageCapacity {
  readonly metadata: ObjectMeta;
  readonly storageClassName: string;
  /** The nodes with access to the storage; none if absent. */
  readonly nodeTopology?: LabelSelector;
  readonly capacity?: string;
  /** Of one volume, where it is less than `capacity`. */
  readonly maximumVolumeSize?: string;
}

/** Has the name of its node. */
export interface CsiNode {
  readonly metadata: ObjectMeta;
  readonly spec: {
    /** Null on a node without drivers, as the API server returns it. */
    readonly drivers: readonly { readonly name: string; readonly allocatable?: { readonly count?: number } }[] | null;
  };
}
