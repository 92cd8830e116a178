/** Reads claims, volumes and what decides where volumes can be, for pods that have claims. */
import { exclusiveClaims, usesAnyOf } from "../../demand/exclusive-claims.ts";
import type { ClusterContext } from "../../demand/view.ts";
import { isNotServed, type KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";
import type {
  CsiDriver,
  CsiNode,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from "../../model/kubernetes/storage.ts";

type Volumes = Pick<ClusterContext, "claims" | "volumes" | "storageClasses" | "csiNodes" | "storageCapacities">;

const NO_VOLUMES: Volumes = { volumes: [], storageClasses: [], csiNodes: [] };

const hasClaims = ({ spec }: KubePod): boolean =>
  spec.volumes?.some(({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim || ephemeral) ?? false;

/** Empty unless a claim is to be provisioned by a driver that the scheduler asks for its capacity. */
const readCapacities = async (
  kube: KubeClient,
  claims: readonly PersistentVolumeClaim[],
  storageClasses: readonly StorageClass[],
): Promise<readonly CsiStorageCapacity[]> => {
  const unbound = new Set(claims.flatMap(({ spec }) => (spec.volumeName ? [] : (spec.storageClassName ?? []))));
  const wanted = storageClasses.filter(
    ({ metadata, volumeBindingMode }) => unbound.has(metadata.name) && volumeBindingMode === "WaitForFirstConsumer",
  );
  if (wanted.length === 0) return [];
  try {
    const drivers = await kube.list<CsiDriver>(paths.csiDrivers());
    const asked = new Set(drivers.flatMap(({ metadata, spec }) => (spec.storageCapacity ? [metadata.name] : [])));
    const names = new Set(
      wanted.filter(({ provisioner }) => asked.has(provisioner)).map(({ metadata }) => metadata.name),
    );
    if (names.size === 0) return [];
    const capacities = await kube.list<CsiStorageCapacity>(paths.storageCapacities());
    return capacities.filter(({ storageClassName }) => names.has(storageClassName));
  } catch (error) {
    if (isNotServed(error)) return [];
    throw error;
  }
};

/** `running`: pods on nodes that pending ones may still fit on. */
export const observeVolumes = async (
  kube: KubeClient,
  pods: readonly KubePod[],
  running: readonly KubePod[],
): Promise<Volumes> => {
  if (!pods.some(hasClaims)) return NO_VOLUMES;
  const withClaims = [...pods, ...running].filter(hasClaims);
  const namespaces = [...new Set(withClaims.map(({ metadata }) => metadata.namespace ?? "default"))];
  const [lists, volumes, storageClasses, csiNodes] = await Promise.all([
    Promise.all(namespaces.map((namespace) => kube.list<PersistentVolumeClaim>(paths.claimsIn(namespace)))),
    kube.list<PersistentVolume>(paths.persistentVolumes()),
    kube.list<StorageClass>(paths.storageClasses()),
    kube.list<CsiNode>(paths.csiNodes()),
  ]);
  const claims = lists.flat();
  const storageCapacities = await readCapacities(kube, claims, storageClasses);
  return { claims, volumes, storageClasses, csiNodes, storageCapacities };
};

/** Pods that have a node and use a claim of the pending pods that only one pod can use. No selector finds them. */
export const readClaimUsers = async (
  kube: KubeClient,
  pods: readonly KubePod[],
  claims: readonly PersistentVolumeClaim[],
): Promise<readonly KubePod[]> => {
  const exclusive = exclusiveClaims(claims);
  const waiting = pods.filter((pod) => usesAnyOf(pod, exclusive));
  const namespaces = [...new Set(waiting.map(({ metadata }) => metadata.namespace ?? "default"))];
  const lists = await Promise.all(
    namespaces.map((namespace) =>
      kube.list<KubePod>(paths.podsIn(namespace), {}, (pod) =>
        pod.spec.nodeName !== undefined && usesAnyOf(pod, exclusive) ? pod : undefined,
      ),
    ),
  );
  return lists.flat();
};
