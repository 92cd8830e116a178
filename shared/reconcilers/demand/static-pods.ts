/** Static pods, by their mirror pods: kubelet runs them from files on the node, so all nodes of a pool and an instance type run the same. */
import type { DemandPool, InstanceWithNode } from "../../demand/view.ts";
import { paths } from "../../kube/paths.ts";
import type { PoolState } from "../../model/instance-state.ts";
import { type KubePod, MIRROR_ANNOTATION } from "../../model/kubernetes/objects.ts";
import { ttlCache } from "../caches/ttl-cache.ts";
import { leanPod } from "../lean-pod.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** They change with the image and the user data of nodes. */
const TTL_MS = 10 * 60_000;
/** A node in another state may not have run its static pods yet. */
const STATES: readonly PoolState[] = ["standby", "running"];

/** The mirror pods of one node for each instance type. */
export type StaticPodsOf = (
  cluster: string,
  instances: readonly InstanceWithNode[],
  now: number,
) => Promise<DemandPool["staticPods"]>;

/** The first node by name, so that it stays the same as long as it exists. */
const firstOfEachType = (
  instances: readonly InstanceWithNode[],
): readonly (readonly [type: string, node: string])[] => {
  const first = new Map<string, string>();
  for (const { record, node } of instances) {
    const name = node?.metadata.name;
    if (name === undefined || !STATES.includes(record.state)) continue;
    const before = first.get(record.instanceType);
    if (before === undefined || name < before) first.set(record.instanceType, name);
  }
  return [...first];
};

export const createStaticPodsOf = ({ kube }: Pick<ReconcilerPorts, "kube">): StaticPodsOf => {
  const mirrorPodsOf = ttlCache(TTL_MS, async (key) => {
    const [cluster = "", node] = key.split(" ");
    return (await kube(cluster)).list<KubePod>(paths.pods(), { fieldSelector: `spec.nodeName=${node}` }, (pod) =>
      pod.metadata.annotations?.[MIRROR_ANNOTATION] === undefined ? undefined : leanPod(pod),
    );
  });
  return async (cluster, instances, now) =>
    new Map(
      await Promise.all(
        firstOfEachType(instances).map(
          async ([type, node]) => [type, await mirrorPodsOf(`${cluster} ${node}`, now)] as const,
        ),
      ),
    );
};
