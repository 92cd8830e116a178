import { type PoolSpec, poolSpecOf } from "../../api/defaults.ts";
import type { AWSNodeClass, NodePool } from "../../api/types.ts";
import { isDemand } from "../../demand/is-demand.ts";
import {
  type DemandPool,
  type DemandView,
  NO_SURROUNDINGS,
  STARTING_FOR_MS,
  type StartedNode,
} from "../../demand/view.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { KubeNode, KubePod, ResourceList } from "../../kube/objects.ts";
import { paths } from "../../kube/paths.ts";
import { LABEL } from "../../names.ts";
import { readinessTaints, sameTaint } from "../../pool/node-shape.ts";
import { countOverflow } from "../../pool/request.ts";
import type { InstanceRecord } from "../../pool/view.ts";
import { type CapacityMarks, placeOf } from "../../state/capacity-marks.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { launchableOf } from "./offers.ts";

/** Launched for demand, just started, or still kept shut by the taints that wait for its network: the scheduler has not counted its room. */
const isStarting = (
  { state, startedAt, overflow }: InstanceRecord,
  node: KubeNode | undefined,
  spec: PoolSpec,
  now: number,
): boolean => {
  if (state === "warmup") return overflow !== undefined;
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

interface Look {
  readonly ports: ReconcilerPorts;
  readonly kube: KubeClient;
  readonly cluster: string;
  readonly now: number;
  readonly marks: CapacityMarks;
  readonly classes: readonly AWSNodeClass[];
  /** Ids of instances that this turn could not start. */
  readonly unable: ReadonlySet<string>;
}

/** Stopped, and not known to be in vain. */
const isStartable = ({ marks, unable }: Look, record: InstanceRecord): boolean =>
  record.state === "standby" && !marks.has(placeOf(record)) && !unable.has(record.instanceId ?? "");

const observePool = async (look: Look, pool: NodePool) => {
  const { ports, kube, cluster, now, marks, classes } = look;
  const { name, uid } = pool.metadata;
  const [records, listed] = await Promise.all([
    ports.slots.read({ cluster, pool: name }),
    kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}=${name}` }),
  ]);
  const nodes = new Map(listed.map((node) => [node.metadata.name, node]));
  const nodeClass = classes.find(({ metadata }) => metadata.name === pool.spec.template.nodeClassRef.name);
  const spec = poolSpecOf(pool, nodeClass);
  const starting = records
    .map((record) => ({ record, node: record.nodeName === undefined ? undefined : nodes.get(record.nodeName) }))
    .filter(({ record, node }) => isStarting(record, node, spec, now));
  const observed: DemandPool = {
    name,
    uid,
    spec,
    capacity: capacityOf(listed),
    standby: records.filter((record) => isStartable(look, record)),
    started: await startedNodes(kube, starting),
    stopping: [],
    launchable: launchableOf({ spec, nodeClass, records, nodes: listed, marks }),
    nodes,
  };
  return { pool: observed, overflow: countOverflow(records) };
};

export interface Observed {
  readonly view: DemandView;
  /** Instances that the pools have launched for demand so far, by pool and token. */
  readonly overflow: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Pending pods first: where there are none, nothing else is read. `unable`: ids of instances that must not be chosen. */
export const observeDemand = async (
  ports: ReconcilerPorts,
  cluster: string,
  now: number,
  unable: ReadonlySet<string>,
): Promise<Observed | undefined> => {
  const kube = await ports.kube(cluster);
  const pending = await kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" });
  const pods = pending.filter(isDemand);
  if (pods.length === 0) return undefined;
  const [pools, classes, marks] = await Promise.all([
    kube.list<NodePool>(paths.nodePools()),
    kube.list<AWSNodeClass>(paths.nodeClasses()),
    ports.capacityMarks.read(cluster, now),
  ]);
  const look: Look = { ports, kube, cluster, now, marks, classes, unable };
  const living = pools.filter(
    ({ metadata, spec }) => metadata.deletionTimestamp === undefined && !spec.paused && !spec.dryRun,
  );
  const observed = await Promise.all(living.map((pool) => observePool(look, pool)));
  return {
    view: { now, pods, pools: observed.map(({ pool }) => pool), around: NO_SURROUNDINGS },
    overflow: new Map(observed.map(({ pool, overflow }) => [pool.name, overflow])),
  };
};
