import { type PoolSpec, poolSpecOf } from "../../api/defaults.ts";
import type { NodePool } from "../../api/types.ts";
import { isDemand } from "../../demand/is-demand.ts";
import { STARTING_FOR_MS } from "../../demand/plan-demand.ts";
import { type DemandPool, type DemandView, NO_SURROUNDINGS, type StartedNode } from "../../demand/view.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { KubeNode, KubePod, ResourceList } from "../../kube/objects.ts";
import { paths } from "../../kube/paths.ts";
import { LABEL } from "../../names.ts";
import { readinessTaints, sameTaint } from "../../pool/node-shape.ts";
import type { InstanceRecord } from "../../pool/view.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** Just started, or still kept shut by the taints that wait for its network: the scheduler has not counted its room. */
const isStarting = (
  { state, startedAt }: InstanceRecord,
  node: KubeNode | undefined,
  spec: PoolSpec,
  now: number,
): boolean => {
  if (state !== "running" || startedAt === undefined) return false;
  const shut = node?.spec?.taints?.some((taint) => readinessTaints(spec).some((other) => sameTaint(taint, other)));
  return now - startedAt < STARTING_FOR_MS || shut === true;
};

const capacityOf = (nodes: readonly KubeNode[]): ResourceList | undefined =>
  nodes.find(({ status }) => status?.allocatable)?.status?.allocatable;

const startedNodes = async (kube: KubeClient, started: readonly Omit<StartedNode, "pods">[]): Promise<StartedNode[]> =>
  Promise.all(
    started.map(async ({ record, node }) => {
      const pods = node
        ? await kube.list<KubePod>(paths.pods(), { fieldSelector: `spec.nodeName=${node.metadata.name}` })
        : [];
      return { record, node, pods };
    }),
  );

const observePool = async (
  ports: ReconcilerPorts,
  kube: KubeClient,
  cluster: string,
  pool: NodePool,
  now: number,
): Promise<DemandPool> => {
  const { name, uid } = pool.metadata;
  const [records, listed] = await Promise.all([
    ports.slots.read({ cluster, pool: name }),
    kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}=${name}` }),
  ]);
  const nodes = new Map(listed.map((node) => [node.metadata.name, node]));
  const spec = poolSpecOf(pool);
  const starting = records
    .map((record) => ({ record, node: record.nodeName === undefined ? undefined : nodes.get(record.nodeName) }))
    .filter(({ record, node }) => isStarting(record, node, spec, now));
  return {
    name,
    uid,
    spec,
    capacity: capacityOf(listed),
    standby: records.filter(({ state }) => state === "standby"),
    started: await startedNodes(kube, starting),
    stopping: [],
    launchable: { most: 0, offers: [] },
    nodes,
  };
};

/** Pending pods first: where there are none, nothing else is read. */
export const observeDemand = async (
  ports: ReconcilerPorts,
  cluster: string,
  now: number,
): Promise<DemandView | undefined> => {
  const kube = await ports.kube(cluster);
  const pending = await kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" });
  const pods = pending.filter(isDemand);
  if (pods.length === 0) return undefined;
  const pools = await kube.list<NodePool>(paths.nodePools());
  const living = pools.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const observed = await Promise.all(living.map((pool) => observePool(ports, kube, cluster, pool, now)));
  return { now, pods, pools: observed, around: NO_SURROUNDINGS };
};
