import { type PoolSpec, poolSpecOf } from "../../api/defaults.ts";
import type { NodePool } from "../../api/types.ts";
import { isDemand } from "../../demand/matching.ts";
import { type DemandPool, type DemandView, STARTING_FOR_MS, type StartedNode } from "../../demand/plan-demand.ts";
import { type Resources, toResources } from "../../demand/resources.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { KubeNode, KubePod } from "../../kube/objects.ts";
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

const capacityOf = (nodes: readonly KubeNode[]): Resources | undefined => {
  const allocatable = nodes.find(({ status }) => status?.allocatable)?.status?.allocatable;
  return allocatable && toResources(allocatable);
};

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
  return { now, pods, pools: await Promise.all(living.map((pool) => observePool(ports, kube, cluster, pool, now))) };
};
