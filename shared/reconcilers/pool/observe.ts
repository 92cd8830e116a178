import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import { poolSpecOf } from "../../model/api/pool-spec.ts";
import { specProblem } from "../../model/api/spec-problem.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { Ec2Instance, InstanceHealth } from "../../model/ec2.ts";
import { inParallel } from "../../model/in-parallel.ts";
import { type InstanceRecord, isDraining } from "../../model/instance-record.ts";
import type { PoolState } from "../../model/instance-state.ts";
import type { PoolKey } from "../../model/keys.ts";
import type { KubeNode } from "../../model/kubernetes/objects.ts";
import { LABEL, MANAGED_BY, TAG } from "../../model/names.ts";
import type { SpotNotice } from "../../model/spot-notice.ts";
import { isRefreshDue } from "../../pool/drift.ts";
import { isNetworkReporter } from "../../pool/network-ready.ts";
import { type Instance, type Orphan, type PoolView, wasStartedMeanwhile } from "../../pool/view.ts";
import type { DaemonSetsOf } from "../caches/daemon-sets.ts";
import { throwIfAny } from "../failures.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { countAttachments } from "./count-attachments.ts";
import { hasPendingPods } from "./has-pending-pods.ts";
import { listPods } from "./list-pods.ts";
import { observeLaunch } from "./observe-launch.ts";

const NODES_AT_ONCE = 10;

/** Stands in for a NodePool whose finalizer was removed by hand: everything left of it has to go. */
const goneNodePool = (name: string): NodePool => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name, deletionTimestamp: "1970-01-01T00:00:00Z" },
  spec: { poolSize: 1, minStandby: 0, template: { nodeClassRef: { kind: "AWSNodeClass", name: "" } } },
});

/** Instances by their tags, and those with lost tags that only a record names. */
const describe = async (ports: ReconcilerPorts, { cluster, pool }: PoolKey, records: readonly InstanceRecord[]) => {
  const tagged = await ports.ec2.describeInstances({
    tags: { [TAG.managedBy]: MANAGED_BY, [TAG.cluster]: cluster, [TAG.pool]: pool },
  });
  const found = new Map(tagged.map((instance) => [instance.instanceId, instance]));
  const untagged = records.flatMap(({ instanceId }) => (instanceId && !found.has(instanceId) ? [instanceId] : []));
  if (untagged.length > 0) {
    for (const instance of await ports.ec2.describeInstances({ ids: untagged }))
      found.set(instance.instanceId, instance);
  }
  return found;
};

const instanceIdOf = (node: KubeNode): string | undefined => node.spec?.providerID?.split("/").at(-1);

/** States in which a node may have just registered itself. */
const STATES_THAT_JOIN: readonly PoolState[] = ["warmup", "running"];
/** States in which pods may run on a node. */
const STATES_IN_USE: readonly PoolState[] = ["warmup", "running", "stopping", "terminating"];

/** States in which an instance that fails, or that EC2 will stop, makes a difference. */
const STATES_WITH_HEALTH: readonly PoolState[] = ["running", "stopping"];

const STATES_TO_DRAIN: readonly PoolState[] = ["stopping", "terminating"];

/**
 * Nodes by instance id. A node without the pool's label is found by its recorded name, if somebody changed the label, or by its providerID, if it
 * registered without one because of own user data: a node that is not read would seem to have no pods.
 */
const findNodes = async (kube: KubeClient, pool: string, records: readonly InstanceRecord[]) => {
  const labelled = await kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}=${pool}` });
  const nodes = new Map(labelled.map((node) => [instanceIdOf(node), node]));
  const missing = records.filter(
    ({ state, instanceId }) => instanceId !== undefined && STATES_IN_USE.includes(state) && !nodes.has(instanceId),
  );
  const isJoining = missing.some(({ state, nodeName }) => nodeName === undefined && STATES_THAT_JOIN.includes(state));
  const [unlabelled, named] = await Promise.all([
    isJoining ? kube.list<KubeNode>(paths.nodes(), { labelSelector: `!${LABEL.pool}` }) : [],
    getNodes(kube, missing),
  ]);
  for (const node of [...unlabelled, ...named]) nodes.set(instanceIdOf(node), node);
  return nodes;
};

const getNodes = async (kube: KubeClient, records: readonly InstanceRecord[]): Promise<readonly KubeNode[]> => {
  const found: KubeNode[] = [];
  const named = records.flatMap(({ nodeName }) => nodeName ?? []);
  const failures = await inParallel(named, NODES_AT_ONCE, async (name) => {
    const node = await kube.get<KubeNode>(paths.node(name));
    if (node) found.push(node);
  });
  throwIfAny(failures, `reading ${named.length} nodes`);
  return found;
};

/** By instance id. */
interface Seen {
  readonly ec2: ReadonlyMap<string, Ec2Instance>;
  readonly health: ReadonlyMap<string, InstanceHealth>;
  readonly nodes: ReadonlyMap<string | undefined, KubeNode>;
  readonly notices: ReadonlyMap<string, SpotNotice>;
}

const joinInstances = async (
  kube: KubeClient,
  records: readonly InstanceRecord[],
  { ec2, health, nodes, notices }: Seen,
): Promise<Instance[]> => {
  const nodeOf = (record: InstanceRecord) => (record.instanceId ? nodes.get(record.instanceId) : undefined);
  // Pods outlive their node object, for a while even in reality: the garbage collector waits.
  const nameOf = (record: InstanceRecord) => nodeOf(record)?.metadata.name ?? record.nodeName;
  const ec2Of = ({ instanceId }: InstanceRecord) => (instanceId === undefined ? undefined : ec2.get(instanceId));
  const withPods = records.filter(
    (record) => STATES_IN_USE.includes(record.state) || wasStartedMeanwhile({ record, ec2: ec2Of(record) }),
  );
  const names = withPods.flatMap((record) => nameOf(record) ?? []);
  const leaving = withPods.filter((record) => STATES_TO_DRAIN.includes(record.state) || isDraining(record));
  // Pods are read after the nodes: only then does an empty list mean that a node observed as cordoned stays empty.
  const pods = await listPods(kube, names);
  const volumes = await countAttachments(kube, new Set(leaving.flatMap((record) => nameOf(record) ?? [])), pods);
  return records.map((record) => {
    const node = nodeOf(record);
    const name = nameOf(record) ?? "";
    return {
      record,
      ec2: ec2Of(record),
      health: record.instanceId ? health.get(record.instanceId) : undefined,
      notice: record.instanceId ? notices.get(record.instanceId) : undefined,
      node,
      pods: pods.get(name) ?? [],
      attachedVolumes: volumes.get(name) ?? 0,
    };
  });
};

const inState = <S extends PoolState>(instances: readonly Instance[], state: S): Instance<S>[] =>
  instances.filter((instance): instance is Instance<S> => instance.record.state === state);

const orphanInstances = async (
  kube: KubeClient,
  pool: string,
  records: readonly InstanceRecord[],
  { ec2, nodes }: Pick<Seen, "ec2" | "nodes">,
): Promise<Orphan[]> => {
  const known = new Set(records.map(({ instanceId }) => instanceId));
  const pending = new Set(records.filter(({ instanceId }) => instanceId === undefined).map(({ token }) => token));
  const orphans = [...ec2.values()].filter(
    ({ instanceId, clientToken }) => !known.has(instanceId) && !pending.has(clientToken),
  );
  // Without a record, a node that somebody relabelled is found only by its providerID.
  const isOutOfSight = orphans.some(({ instanceId, state }) => state !== "terminated" && !nodes.has(instanceId));
  const others = isOutOfSight
    ? await kube.list<KubeNode>(paths.nodes(), { labelSelector: `${LABEL.pool}!=${pool}` })
    : [];
  const all = new Map([...others.map((node): [string | undefined, KubeNode] => [instanceIdOf(node), node]), ...nodes]);
  return orphans.map((instance) => ({ ...instance, node: all.get(instance.instanceId) }));
};

export interface ObservedPool {
  readonly view: PoolView;
  /** Undefined for a pool that is gone, but of which something is left. */
  readonly pool: NodePool | undefined;
}

export interface UnreadablePool {
  readonly pool: NodePool;
  /** The field of its spec, and what is wrong with it. */
  readonly problem: string;
}

/** A pool with an unreadable spec can be deleted all the same: that needs none of the optional fields. */
const readable = (pool: NodePool, problem: string | undefined): NodePool => {
  const { poolSize, minStandby, template } = pool.spec;
  return problem === undefined ? pool : { ...pool, spec: { poolSize, minStandby, template } };
};

/** Observes what one reconcile of a pool decides on; undefined if the pool does not exist and nothing is left of it. */
export const observePool = async (
  ports: ReconcilerPorts,
  daemonSetsOf: DaemonSetsOf,
  key: PoolKey,
  now: number,
): Promise<ObservedPool | UnreadablePool | undefined> => {
  const kube = await ports.kube(key.cluster);
  const [pool, { records, warmupFailures, request }, allNotices] = await Promise.all([
    kube.get<NodePool>(paths.nodePool(key.pool)),
    ports.poolItems.read(key),
    ports.spotNotices.read(key.cluster),
  ]);
  const spotNotices = allNotices.filter((notice) => notice.pool === key.pool);
  const problem = pool && specProblem(pool);
  if (pool && problem !== undefined && pool.metadata.deletionTimestamp === undefined) return { pool, problem };
  const shown = readable(pool ?? goneNodePool(key.pool), problem);
  const className = shown.spec.template.nodeClassRef.name;
  const [nodeClass, daemonSets, ec2, health, nodes] = await Promise.all([
    className === "" ? undefined : kube.get<AWSNodeClass>(paths.nodeClass(className)),
    daemonSetsOf(key.cluster, now),
    describe(ports, key, records),
    records.some(({ state }) => STATES_WITH_HEALTH.includes(state))
      ? ports.instanceHealth(now)
      : new Map<string, InstanceHealth>(),
    findNodes(kube, key.pool, records),
  ]);
  const isGone = ({ state, instanceId }: Ec2Instance) => state === "terminated" && !nodes.has(instanceId);
  if (!pool && records.length === 0 && [...ec2.values()].every(isGone)) return undefined;
  const spec = poolSpecOf(shown, nodeClass);
  const notices = new Map(spotNotices.map((notice) => [notice.instanceId, notice]));
  const instances = await joinInstances(kube, records, { ec2, health, nodes, notices });
  const keepsNodes = spec.standby.nodeObject === "Keep" && records.some(({ state }) => state === "standby");
  const view: PoolView = {
    cluster: key.cluster,
    name: key.pool,
    uid: shown.metadata.uid,
    now,
    spec,
    generation: shown.metadata.generation ?? 0,
    deleting: shown.metadata.deletionTimestamp !== undefined,
    finalizers: shown.metadata.finalizers ?? [],
    conditions: shown.status?.conditions ?? [],
    readyGeneration: shown.status?.readyGeneration,
    ...(await observeLaunch(ports, key.cluster, spec, nodeClass, daemonSets)),
    hasNetworkReporter: daemonSets.some(isNetworkReporter),
    hasPendingPods: undefined,
    pending: { count: shown.status?.pendingPods ?? 0, unserved: shown.status?.unservedPods ?? 0 },
    zones: keepsNodes ? await ports.zoneCensus(key.cluster, now) : new Map(),
    warmupFailures,
    request,
    spotNotices,
    instances: {
      warmup: inState(instances, "warmup"),
      standby: inState(instances, "standby"),
      running: inState(instances, "running"),
      stopping: inState(instances, "stopping"),
      terminating: inState(instances, "terminating"),
    },
    orphans: await orphanInstances(kube, key.pool, records, { ec2, nodes }),
  };
  const pending = isRefreshDue(view) ? await hasPendingPods(kube, view) : undefined;
  return { view: { ...view, hasPendingPods: pending }, pool };
};
