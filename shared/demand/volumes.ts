/**
 * Where a pod's volumes let it run, and how many volumes have to be attached to its node.
 * Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins, volumebinding, volumezone and nodevolumelimits.
 */
import type { KubePod } from "../model/kubernetes/objects.ts";
import { claimNames } from "../model/kubernetes/pods.ts";
import type { NodeSelectorTerm } from "../model/kubernetes/scheduling.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../model/kubernetes/storage.ts";
import { type StorageNeed, storageNeedOf } from "./storage-capacity.ts";
import type { ClusterContext } from "./view.ts";

export interface VolumeRequirements {
  /** The node must meet at least one term of each list. */
  readonly nodeTerms: readonly (readonly NodeSelectorTerm[])[];
  /** The number of volumes to attach for the pod, by CSI driver. */
  readonly attached: Readonly<Record<string, number>>;
  /** For claims whose driver tells its capacity. */
  readonly storage?: readonly StorageNeed[];
  /** Why no node can help the pod. */
  readonly unschedulableReason?: string;
}

export const NO_VOLUMES: VolumeRequirements = { nodeTerms: [], attached: {} };

/** Annotation on a claim: the node that its volume is being provisioned for. */
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const NO_PROVISIONER = "kubernetes.io/no-provisioner";
/** Labels of volumes from before volumes had node affinity; several zones are written `a__b`. */
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
];

const nodeTermsOf = ({ metadata, spec }: PersistentVolume): readonly (readonly NodeSelectorTerm[])[] => {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
  const zones = ZONE_LABELS.flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [[{ matchExpressions: [{ key, operator: "In", values: value.split("__") }] }]];
  });
  return terms ? [terms, ...zones] : zones;
};

const allowedTerms = ({ allowedTopologies = [] }: StorageClass): readonly (readonly NodeSelectorTerm[])[] => {
  if (allowedTopologies.length === 0) return [];
  return [
    allowedTopologies.map(({ matchLabelExpressions = [] }) => ({
      matchExpressions: matchLabelExpressions.map(({ key, values }) => ({ key, operator: "In", values })),
    })),
  ];
};

const unschedulable = (unschedulableReason: string): VolumeRequirements => ({ ...NO_VOLUMES, unschedulableReason });

const combine = (all: readonly VolumeRequirements[]): VolumeRequirements => {
  const attached: Record<string, number> = {};
  for (const volume of all) {
    for (const [driver, count] of Object.entries(volume.attached)) attached[driver] = (attached[driver] ?? 0) + count;
  }
  const reason = all.find(({ unschedulableReason }) => unschedulableReason !== undefined)?.unschedulableReason;
  const storage = all.flatMap((volume) => volume.storage ?? []);
  return {
    nodeTerms: all.flatMap(({ nodeTerms }) => nodeTerms),
    attached,
    ...(storage.length > 0 && { storage }),
    unschedulableReason: reason,
  };
};

/** For a storage class without a provisioner: the node must have access to one of the class's unclaimed volumes. */
const ofUnclaimed = (name: string, storageClass: string, volumes: readonly PersistentVolume[]): VolumeRequirements => {
  const unclaimed = volumes.filter(({ spec }) => spec.storageClassName === storageClass && !spec.claimRef);
  if (unclaimed.length === 0)
    return unschedulable(`claim ${name}: storage class ${storageClass} has no unclaimed volume`);
  const alternatives = unclaimed.map((volume) => nodeTermsOf(volume)[0] ?? []);
  return { nodeTerms: alternatives.every((terms) => terms.length > 0) ? [alternatives.flat()] : [], attached: {} };
};

/** In-tree EBS volumes count as this driver's (k8s.io/csi-translation-lib). */
const EBS_DRIVER = "ebs.csi.aws.com";

/** Indexes the objects by name once for all pods. */
export const createVolumeRequirements = (context: ClusterContext): ((pod: KubePod) => VolumeRequirements) => {
  if (!context.claims) return () => NO_VOLUMES;
  const claims = new Map(context.claims.map((claim) => [`${claim.metadata.namespace}/${claim.metadata.name}`, claim]));
  const volumes = new Map(context.volumes.map((volume) => [volume.metadata.name, volume]));
  const storageClasses = new Map(
    context.storageClasses.map((storageClass) => [storageClass.metadata.name, storageClass]),
  );

  const ofBound = (name: string, volumeName: string): VolumeRequirements => {
    const volume = volumes.get(volumeName);
    if (!volume) return unschedulable(`claim ${name}: its volume ${volumeName} does not exist`);
    const driver = volume.spec.awsElasticBlockStore ? EBS_DRIVER : volume.spec.csi?.driver;
    return { nodeTerms: nodeTermsOf(volume), attached: driver ? { [driver]: 1 } : {} };
  };

  const ofUnbound = (name: string, claim: PersistentVolumeClaim): VolumeRequirements => {
    const { metadata, spec } = claim;
    const storageClass = storageClasses.get(spec.storageClassName ?? "");
    if (!storageClass) return unschedulable(`claim ${name} is unbound and its storage class does not exist`);
    if (storageClass.volumeBindingMode !== "WaitForFirstConsumer")
      return unschedulable(`claim ${name} is not bound yet`);
    if (storageClass.provisioner === NO_PROVISIONER)
      return ofUnclaimed(name, storageClass.metadata.name, context.volumes);
    const node = metadata.annotations?.[SELECTED_NODE];
    const selectedNode = node ? [[{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }]] : [];
    const storage = storageNeedOf(claim, context.storageCapacities ?? []);
    return {
      nodeTerms: [...allowedTerms(storageClass), ...selectedNode],
      attached: { [storageClass.provisioner]: 1 },
      ...(storage && { storage: [storage] }),
    };
  };

  const ofClaim = (namespace: string | undefined, name: string): VolumeRequirements => {
    const claim = claims.get(`${namespace}/${name}`);
    if (!claim) return unschedulable(`claim ${name} does not exist`);
    // Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/volumebinding, podHasPVCs.
    if (claim.metadata.deletionTimestamp !== undefined) return unschedulable(`claim ${name} is being deleted`);
    return claim.spec.volumeName ? ofBound(name, claim.spec.volumeName) : ofUnbound(name, claim);
  };

  return (pod) => {
    const names = claimNames(pod);
    return names.size === 0 ? NO_VOLUMES : combine([...names].map((name) => ofClaim(pod.metadata.namespace, name)));
  };
};
