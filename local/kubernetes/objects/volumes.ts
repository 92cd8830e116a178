/** The storage objects that the simulated cluster uses, and which of them a pod's volumes are. */
import type { KubeObject, Store } from "../api-server/store.ts";
import type { NodeSelectorTerm, PodObject } from "./objects.ts";

export const ATTACHMENTS = "volumeattachments.storage.k8s.io";
export const CSI_NODES = "csinodes.storage.k8s.io";

export interface VolumeAttachment extends KubeObject {
  spec: { attacher: string; nodeName: string; source: { persistentVolumeName: string } };
  status: { attached: boolean };
}

/** Has the name of its node. */
export interface CsiNode extends KubeObject {
  spec: { drivers: { name: string; nodeID: string; topologyKeys: null; allocatable?: { count: number } }[] };
}

interface Claim extends KubeObject {
  spec: { volumeName?: string };
}

interface Volume extends KubeObject {
  spec: {
    csi?: { driver: string };
    nodeAffinity?: { required?: { nodeSelectorTerms: readonly NodeSelectorTerm[] } };
  };
}

/** A persistent volume of a CSI driver. */
export interface CsiVolume {
  readonly name: string;
  readonly driver: string;
}

/** The volumes that the pod's claims are bound to. */
const boundVolumes = (store: Pick<Store, "get">, { spec, metadata }: PodObject): Volume[] =>
  (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    if (!persistentVolumeClaim) return [];
    const claim = store.get<Claim>("persistentvolumeclaims", persistentVolumeClaim.claimName, metadata.namespace);
    return store.get<Volume>("persistentvolumes", claim?.spec.volumeName ?? "") ?? [];
  });

/** The pod's claims that are bound to volumes of CSI drivers. */
export const csiVolumesOf = (store: Pick<Store, "get">, pod: PodObject): CsiVolume[] =>
  boundVolumes(store, pod).flatMap(({ metadata: { name }, spec: { csi } }) =>
    csi ? [{ name, driver: csi.driver }] : [],
  );

/** What the volumes that the pod's claims are bound to ask of a node: one of the terms of each. */
export const volumeTermsOf = (store: Pick<Store, "get">, pod: PodObject): (readonly NodeSelectorTerm[])[] =>
  boundVolumes(store, pod).flatMap(({ spec }) => {
    const { required } = spec.nodeAffinity ?? {};
    return required ? [required.nodeSelectorTerms] : [];
  });
