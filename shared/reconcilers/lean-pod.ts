/**
 * Pods without what nobody reads of them: managed fields, environment, mounts, probes, configuration volumes, details of the status. These
 * are most of a pod as the API server returns it, and a look holds up to all pods of a cluster.
 */
import type { Container, KubePod, ObjectMeta, PodSpec } from "../model/kubernetes/objects.ts";
import { pick } from "../model/pick.ts";

/** The type makes sure that a field which is added to the model is not forgotten here. */
const keysOf = <T>(keys: Record<keyof T, true>): readonly (keyof T)[] => Object.keys(keys) as (keyof T)[];

const METADATA = keysOf<Required<ObjectMeta>>({
  name: true,
  namespace: true,
  uid: true,
  resourceVersion: true,
  generation: true,
  creationTimestamp: true,
  deletionTimestamp: true,
  deletionGracePeriodSeconds: true,
  labels: true,
  annotations: true,
  finalizers: true,
  ownerReferences: true,
});

const CONTAINER = keysOf<Required<Container>>({
  name: true,
  image: true,
  restartPolicy: true,
  resources: true,
  ports: true,
});

const SPEC = keysOf<Required<Omit<PodSpec, "containers" | "initContainers" | "volumes">>>({
  nodeName: true,
  terminationGracePeriodSeconds: true,
  nodeSelector: true,
  affinity: true,
  tolerations: true,
  topologySpreadConstraints: true,
  resources: true,
  overhead: true,
  priority: true,
  hostNetwork: true,
  imagePullSecrets: true,
  resourceClaims: true,
});

const STATUS = keysOf<Required<NonNullable<KubePod["status"]>>>({
  phase: true,
  conditions: true,
  containerStatuses: true,
  nominatedNodeName: true,
  resourceClaimStatuses: true,
});

const leanContainers = (containers: readonly Container[]): readonly Container[] =>
  containers.map((container) => pick(container, CONTAINER));

export const leanPod = ({ metadata, spec, status }: KubePod): KubePod => ({
  metadata: pick(metadata, METADATA),
  spec: {
    ...pick(spec, SPEC),
    containers: leanContainers(spec.containers),
    ...(spec.initContainers && { initContainers: leanContainers(spec.initContainers) }),
    ...(spec.volumes && {
      volumes: spec.volumes.filter((volume) => volume.persistentVolumeClaim ?? volume.ephemeral),
    }),
  },
  ...(status && { status: pick(status, STATUS) }),
});
