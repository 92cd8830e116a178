/** Claims, volumes and the driver that provides them. A node can attach only a few volumes. */
import type { KubeClient } from "../../../shared/kube/client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { PersistentVolumeClaim } from "../../../shared/model/kubernetes/storage.ts";
import type { GroupVolumes } from "./groups.ts";
import { ZONE } from "./machines.ts";
import type { Place } from "./place.ts";

/** An object and the path where it is created. */
export interface Placed {
  readonly path: string;
  readonly object: object;
}

const DRIVER = "ebs.csi.aws.com";

/** Its volumes are provisioned for the first pod, or at once, which nobody does here. */
export const STORAGE_CLASSES: readonly Placed[] = ["WaitForFirstConsumer", "Immediate"].map((volumeBindingMode) => ({
  path: paths.storageClasses(),
  object: { metadata: { name: volumeBindingMode.toLowerCase() }, provisioner: DRIVER, volumeBindingMode },
}));

/** Holds back an object that is being deleted. */
const FINALIZER = "example.com/in-use";
const SIZE = { storage: "1Gi" };
/** Normally set by the controller that binds claims; the scheduler relies on it. */
const BOUND = { "pv.kubernetes.io/bind-completed": "yes" };

const volumeFor = (name: string, zone: string, accessModes: readonly string[], storageClassName: string): Placed => ({
  path: paths.persistentVolumes(),
  object: {
    metadata: { name },
    spec: {
      accessModes,
      storageClassName,
      capacity: SIZE,
      csi: { driver: DRIVER, volumeHandle: name },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }] },
      },
    },
  },
});

export const claimOf = (group: string, pod: string, { kind }: GroupVolumes): string =>
  kind === "shared" || kind === "exclusive" || kind === "deleting" ? group : pod;

/** The claim that the pod uses, and its volume if it has one. A pod that runs has one in any case. */
export const storageFor = (
  { name: place }: Place,
  { metadata: { namespace = "" }, spec: { nodeName } }: KubePod,
  claim: string,
  { kind, zone }: GroupVolumes,
): readonly Placed[] => {
  const isBound = nodeName !== undefined || (kind !== "unbound" && kind !== "immediate");
  const accessModes = [{ shared: "ReadWriteMany", exclusive: "ReadWriteOncePod" }[kind as string] ?? "ReadWriteOnce"];
  const storageClassName = { unbound: "waitforfirstconsumer", immediate: "immediate" }[kind as string] ?? "";
  const volumeName = `${place}-${namespace}-${claim}`;
  const metadata = { name: claim, ...(kind === "deleting" && { finalizers: [FINALIZER] }) };
  const spec = { accessModes, storageClassName, resources: { requests: SIZE } };
  const path = paths.claimsIn(namespace);
  if (!isBound) return [{ path, object: { metadata, spec } }];
  return [
    volumeFor(volumeName, zone, accessModes, storageClassName),
    { path, object: { metadata: { ...metadata, annotations: BOUND }, spec: { ...spec, volumeName } } },
  ];
};

/** The CSINode that a kubelet creates once the driver's agent runs on its node. */
export const driverOn = ({ metadata: { name } }: KubeNode, count: number): Placed => ({
  path: paths.csiNodes(),
  object: {
    metadata: { name },
    spec: { drivers: [{ name: DRIVER, nodeID: name, topologyKeys: null, allocatable: { count } }] },
  },
});

const CLAIMS = "/api/v1/persistentvolumeclaims";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

const claimPath = ({ metadata: { namespace = "", name } }: PersistentVolumeClaim) =>
  `${paths.claimsIn(namespace)}/${name}`;

/** Provisions the volumes of the claims that the scheduler has selected a node for, as the driver's controller does. */
export const provisionVolumes = async (kube: KubeClient): Promise<void> => {
  const claims = await kube.list<PersistentVolumeClaim>(CLAIMS);
  const selected = claims.filter(({ metadata, spec }) => metadata.annotations?.[SELECTED_NODE] && !spec.volumeName);
  await Promise.all(
    selected.map(async (claim) => {
      const { name, namespace, labels, annotations } = claim.metadata;
      const node = await kube.get<KubeNode>(paths.node(annotations?.[SELECTED_NODE] ?? ""));
      const volumeName = `provisioned-${namespace}-${name}`;
      const zone = node?.metadata.labels?.[ZONE] ?? "";
      const { accessModes = [], storageClassName = "" } = claim.spec;
      const { path, object } = volumeFor(volumeName, zone, accessModes, storageClassName);
      await kube.create(path, { ...object, metadata: { name: volumeName, labels } });
      await kube.patch(claimPath(claim), "merge", { metadata: { annotations: BOUND }, spec: { volumeName } });
    }),
  );
};

/** Deletes claims, or lets go of those that are held back. */
export const releaseClaims = async (kube: KubeClient): Promise<void> => {
  const held = (await kube.list<PersistentVolumeClaim>(CLAIMS)).filter(({ metadata }) => metadata.finalizers?.length);
  await Promise.all(held.map((claim) => kube.patch(claimPath(claim), "merge", { metadata: { finalizers: null } })));
};

/** Begins to delete the claims that are held back. */
export const deleteHeldClaims = async (kube: KubeClient, storage: readonly Placed[]): Promise<void> => {
  const held = storage
    .map(({ path, object }) => ({ path, ...(object as PersistentVolumeClaim) }))
    .filter(({ metadata }) => metadata.finalizers?.length);
  await Promise.all(held.map(({ path, metadata }) => kube.delete(`${path}/${metadata.name}`)));
};
