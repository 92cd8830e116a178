/** The pods of a pool's nodes. A cluster has far more pods, so no list is held as the API server returns it. */
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { type BoundPod, type KubePod, MIRROR_ANNOTATION } from "../../model/kubernetes/objects.ts";
import { throwIfAny } from "../failures.ts";

const POD_LISTS_AT_ONCE = 10;
/** For more nodes than this, one list of all pods is cheaper for the API server than one list per node. */
const MAX_POD_LISTS = 10;

const pick = <T extends object, K extends keyof T>(object: T, keys: readonly K[]): Pick<T, K> => {
  const present = keys.filter((key) => object[key] !== undefined);
  return Object.fromEntries(present.map((key) => [key, object[key]])) as Pick<T, K>;
};

const METADATA = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "ownerReferences",
] as const;

/** Without managed fields, environment, mounted configuration and the like, which are most of a pod. */
const project = ({ metadata, spec, status = {} }: KubePod): BoundPod => {
  const mirror = metadata.annotations?.[MIRROR_ANNOTATION];
  return {
    metadata: {
      ...pick(metadata, METADATA),
      ...(mirror !== undefined && { annotations: { [MIRROR_ANNOTATION]: mirror } }),
    },
    spec: {
      ...pick(spec, ["nodeName", "terminationGracePeriodSeconds", "tolerations"]),
      volumes: (spec.volumes ?? []).filter((volume) => volume.persistentVolumeClaim ?? volume.ephemeral),
    },
    status: {
      ...pick(status, ["phase"]),
      conditions: status.conditions?.filter(({ type }) => type === "Ready") ?? [],
      containerStatuses: status.containerStatuses?.map((container) => pick(container, ["state"])) ?? [],
    },
  };
};

/** The pods by node; a node without pods may be missing. */
export const listPods = async (
  kube: KubeClient,
  nodes: readonly string[],
): Promise<ReadonlyMap<string | undefined, readonly BoundPod[]>> => {
  if (nodes.length > MAX_POD_LISTS) {
    const wanted = new Set(nodes);
    const projectWanted = (pod: KubePod) => (wanted.has(pod.spec.nodeName ?? "") ? project(pod) : undefined);
    return Map.groupBy(await kube.list(paths.pods(), {}, projectWanted), ({ spec }) => spec.nodeName);
  }
  const pods = new Map<string, readonly BoundPod[]>();
  const failures = await inParallel(nodes, POD_LISTS_AT_ONCE, async (node) => {
    pods.set(node, await kube.list(paths.pods(), { fieldSelector: `spec.nodeName=${node}` }, project));
  });
  throwIfAny(failures, `listing the pods of ${nodes.length} nodes`);
  return pods;
};
