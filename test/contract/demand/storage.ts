/** Zonal volumes. A node can attach only a few of them. */

import { paths } from "../../../shared/kube/paths.ts";
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { Chance } from "./chance.ts";
import { ZONE } from "./world.ts";

/** An object and the path where it is created. */
export interface Placed {
  readonly path: string;
  readonly object: object;
}

const DRIVER = "ebs.csi.aws.com";
const shared = { accessModes: ["ReadWriteOnce"], storageClassName: "" };

/** A claim named after the pod, bound to a volume in that zone. */
export const storageFor = ({ metadata: { name, namespace = "" } }: KubePod, zone: string): readonly Placed[] => {
  const volumeName = `${namespace}-${name}`;
  const nodeSelectorTerms = [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }];
  const volume = {
    metadata: { name: volumeName },
    spec: {
      ...shared,
      capacity: { storage: "1Gi" },
      csi: { driver: DRIVER, volumeHandle: volumeName },
      nodeAffinity: { required: { nodeSelectorTerms } },
    },
  };
  const claim = {
    // Normally set by the controller that binds claims; the scheduler relies on it.
    metadata: { name, annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
    spec: { ...shared, volumeName, resources: { requests: { storage: "1Gi" } } },
  };
  return [
    { path: paths.persistentVolumes(), object: volume },
    { path: paths.claimsIn(namespace), object: claim },
  ];
};

/** The CSINode that a kubelet creates once the driver's agent runs on its node. */
export const driverOn = (chance: Chance, { metadata: { name } }: KubeNode): Placed => ({
  path: paths.csiNodes(),
  object: {
    metadata: { name },
    spec: { drivers: [{ name: DRIVER, nodeID: name, topologyKeys: null, allocatable: { count: chance.count(1, 3) } }] },
  },
});
