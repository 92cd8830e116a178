/** Volumes that tie pods to a zone, of which a node can have few attached. */

import { paths } from "../../../shared/kube/paths.ts";
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { Chance } from "./chance.ts";
import { ZONE } from "./world.ts";

/** An object and where it is created. */
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
    // Put there by the controller that binds claims; the scheduler goes by it.
    metadata: { name, annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
    spec: { ...shared, volumeName, resources: { requests: { storage: "1Gi" } } },
  };
  return [
    { path: paths.persistentVolumes(), object: volume },
    { path: paths.claimsIn(namespace), object: claim },
  ];
};

/** As its kubelet reports it once the driver's agent runs there. */
export const driverOn = (chance: Chance, { metadata: { name } }: KubeNode): Placed => ({
  path: paths.csiNodes(),
  object: {
    metadata: { name },
    spec: { drivers: [{ name: DRIVER, nodeID: name, topologyKeys: null, allocatable: { count: chance.count(1, 3) } }] },
  },
});
