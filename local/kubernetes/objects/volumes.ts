/** The storage objects that the simulated cluster uses, and which of them a pod's volumes are. */
import type { KubeObject, Store } from "../api-server/store.ts";
import type { PodObject } from "./objects.ts";

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
  spec: { csi?: { driver: string } };
}

/** A persistent volume of a CSI driver. */
export interface CsiVolume {
  readonly name: string;
  readonly driver: string;
}

/** The pod's claims that are bound to volumes of CSI drivers. */
export const csiVolumesOf = (store: Pick<Store, "get">, { spec, metadata }: PodObject): CsiVolume[] =>
  (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    if (!persistentVolumeClaim) return [];
    const claim = store.get<Claim>("persistentvolumeclaims", persistentVolumeClaim.claimName, metadata.namespace);
    const volume = store.get<Volume>("persistentvolumes", claim?.spec.volumeName ?? "");
    return volume?.spec.csi ? [{ name: volume.metadata.name, driver: volume.spec.csi.driver }] : [];
  });
