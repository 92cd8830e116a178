/** Objects that say where a pod's volumes can be, cut down to that. */
import type { ObjectMeta, ResourceList } from "./objects.ts";
import type { NodeSelectorTerm } from "./scheduling.ts";

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

/** Named after its node. */
export interface CsiNode {
  readonly metadata: ObjectMeta;
  readonly spec: {
    /** Null on a node without any: the API server leaves it there. */
    readonly drivers: readonly { readonly name: string; readonly allocatable?: { readonly count?: number } }[] | null;
  };
}
