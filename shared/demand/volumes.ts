/**
 * Where a pod's volumes let it run, and how many of them have to be attached to its node.
 * Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins, volumebinding, volumezone and nodevolumelimits.
 */
import type { KubePod, Volume } from "../model/kubernetes/objects.ts";
import type { NodeSelectorTerm } from "../model/kubernetes/scheduling.ts";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../model/kubernetes/storage.ts";
import type { ClusterContext } from "./view.ts";

export interface VolumeNeeds {
  /** Of each list the node must meet one term. */
  readonly nodeTerms: readonly (readonly NodeSelectorTerm[])[];
  /** How many volumes are attached for the pod, by CSI driver. */
  readonly attached: Readonly<Record<string, number>>;
  /** What keeps the pod waiting that no node can help. */
  readonly problem?: string;
}

export const NO_VOLUMES: VolumeNeeds = { nodeTerms: [], attached: {} };

/** The node that a claim's volume is being made for. */
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const NOT_PROVISIONED = "kubernetes.io/no-provisioner";
/** Labels of volumes made before they had node affinity; several zones are written `a__b`. */
const ZONE_LABELS = [
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
];

/** A claim counts once, however many of the pod's volumes are it. */
const claimNames = ({ metadata, spec }: KubePod): ReadonlySet<string> =>
  new Set(
    (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }: Volume) => {
      if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
      return ephemeral ? [`${metadata.name}-${name}`] : [];
    }),
  );

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

const cannot = (problem: string): VolumeNeeds => ({ ...NO_VOLUMES, problem });

const combined = (all: readonly VolumeNeeds[]): VolumeNeeds => {
  const attached: Record<string, number> = {};
  for (const needs of all) {
    for (const [driver, count] of Object.entries(needs.attached)) attached[driver] = (attached[driver] ?? 0) + count;
  }
  const problem = all.find((needs) => needs.problem !== undefined)?.problem;
  return { nodeTerms: all.flatMap(({ nodeTerms }) => nodeTerms), attached, problem };
};

/** Where one of the volumes is that wait to be claimed, for a class that makes none. */
const ofUnclaimed = (name: string, storageClass: string, volumes: readonly PersistentVolume[]): VolumeNeeds => {
  const free = volumes.filter(({ spec }) => spec.storageClassName === storageClass && !spec.claimRef);
  if (free.length === 0) return cannot(`no volume of storage class ${storageClass} is free for claim ${name}`);
  const places = free.map((volume) => nodeTermsOf(volume)[0] ?? []);
  return { nodeTerms: places.every((terms) => terms.length > 0) ? [places.flat()] : [], attached: {} };
};

/** Objects are found by name once for all pods. */
export const volumeNeeds = (around: ClusterContext): ((pod: KubePod) => VolumeNeeds) => {
  if (!around.claims) return () => NO_VOLUMES;
  const claims = new Map(around.claims.map((claim) => [`${claim.metadata.namespace}/${claim.metadata.name}`, claim]));
  const volumes = new Map(around.volumes.map((volume) => [volume.metadata.name, volume]));
  const classes = new Map(around.storageClasses.map((storage) => [storage.metadata.name, storage]));

  const ofBound = (name: string, volumeName: string): VolumeNeeds => {
    const volume = volumes.get(volumeName);
    if (!volume) return cannot(`volume ${volumeName} of claim ${name} does not exist`);
    const driver = volume.spec.csi?.driver;
    return { nodeTerms: nodeTermsOf(volume), attached: driver ? { [driver]: 1 } : {} };
  };

  const ofUnbound = (name: string, { metadata, spec }: PersistentVolumeClaim): VolumeNeeds => {
    const storage = classes.get(spec.storageClassName ?? "");
    if (!storage) return cannot(`claim ${name} is not bound and its storage class does not exist`);
    if (storage.volumeBindingMode !== "WaitForFirstConsumer") return cannot(`claim ${name} is not bound yet`);
    if (storage.provisioner === NOT_PROVISIONED) return ofUnclaimed(name, storage.metadata.name, around.volumes);
    const node = metadata.annotations?.[SELECTED_NODE];
    const named = node ? [[{ matchFields: [{ key: "metadata.name", operator: "In", values: [node] }] }]] : [];
    return { nodeTerms: [...allowedTerms(storage), ...named], attached: { [storage.provisioner]: 1 } };
  };

  const ofClaim = (namespace: string | undefined, name: string): VolumeNeeds => {
    const claim = claims.get(`${namespace}/${name}`);
    if (!claim) return cannot(`claim ${name} does not exist`);
    return claim.spec.volumeName ? ofBound(name, claim.spec.volumeName) : ofUnbound(name, claim);
  };

  return (pod) => {
    const names = claimNames(pod);
    return names.size === 0 ? NO_VOLUMES : combined([...names].map((name) => ofClaim(pod.metadata.namespace, name)));
  };
};
