/** The safety net for lost events: every minute, wakes all keys that are overdue. */

import type { Ec2 } from "../../aws/ec2.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { ReconcilerKind } from "../../model/events.ts";
import { clusterOf, objectKey } from "../../model/keys.ts";
import { MANAGED_BY, TAG } from "../../model/names.ts";
import type { WakeSender } from "../../queue/types.ts";
import type { WorkItem, WorkTable } from "../../queue/work-table.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { throwIfAny } from "../failures.ts";
import { recordLevels } from "../record-levels.ts";

/** In a log line. */
const MAX_KEYS_NAMED = 20;

/** A key is woken after this long without a reconcile, even if nothing marked it dirty. */
const MAX_RECONCILE_AGE_MS = 5 * 60_000;

export interface SweepPorts {
  kube(cluster: string): Promise<KubeClient>;
  readonly clusters: readonly string[];
  /** Of the cluster's account and region. */
  ec2(cluster: string): Pick<Ec2, "describeInstances">;
  readonly table: WorkTable;
  readonly wakeQueue: WakeSender;
  readonly telemetry: Telemetry;
}

type Items = Readonly<Record<ReconcilerKind, ReadonlyMap<string, WorkItem>>>;
type KeysToWake = Readonly<Record<ReconcilerKind, Set<string>>>;

/** Whether a key was not reconciled for too long. A failing key is retried at the end of its backoff, not earlier. */
const isUnseen = (item: WorkItem | undefined, now: number): boolean => {
  if (!item) return true;
  const isBackingOff = item.failures > 0 && item.nextWakeAt !== undefined && item.nextWakeAt > now;
  return !isBackingOff && now - item.lastDoneAt >= MAX_RECONCILE_AGE_MS;
};

const listByKey = async (table: WorkTable, kind: ReconcilerKind) =>
  new Map((await table.list(kind)).map((item) => [item.key, item]));

/** Adds the keys of the cluster's objects and EC2 instances that were not reconciled lately. */
const sweepCluster = async (ports: SweepPorts, cluster: string, items: Items, wakes: KeysToWake, now: number) => {
  const kube = await ports.kube(cluster);
  const [pools, classes, instances] = await Promise.all([
    kube.list<NodePool>(paths.nodePools()),
    kube.list<AWSNodeClass>(paths.nodeClasses()),
    ports.ec2(cluster).describeInstances({ tags: { [TAG.managedBy]: MANAGED_BY, [TAG.cluster]: cluster } }),
  ]);
  for (const { metadata, status = {} } of pools)
    recordLevels(ports.telemetry, { cluster, pool: metadata.name }, status);
  // From here, pending pods and a lost event look the same, so demand is reconciled every minute.
  wakes.demand.add(cluster);
  const poolNames = [
    ...pools.map(({ metadata }) => metadata.name),
    ...instances.filter(({ state }) => state !== "terminated").flatMap(({ tags }) => tags[TAG.pool] ?? []),
  ];
  for (const key of poolNames.map((name) => objectKey(cluster, name))) {
    if (isUnseen(items.pool.get(key), now)) wakes.pool.add(key);
  }
  for (const key of classes.map(({ metadata }) => objectKey(cluster, metadata.name))) {
    if (isUnseen(items.nodeclass.get(key), now)) wakes.nodeclass.add(key);
  }
};

const KINDS = ["demand", "pool", "nodeclass"] as const;

/** Fewer failures in a row are over within 15 s. */
const KEEPS_FAILING = 5;

/** Written by every sweep: the key's own reconciles become rare while it fails. */
const recordFailingKeys = ({ clusters, telemetry }: SweepPorts, items: Items): void => {
  for (const kind of KINDS)
    for (const cluster of clusters) {
      const failing = [...items[kind].values()].filter(
        ({ key, failures }) => failures >= KEEPS_FAILING && clusterOf(key) === cluster,
      );
      if (failing.length === 0) continue;
      telemetry.recordMetric("failingKeys", failing.length, { Cluster: cluster, Function: kind });
      const keys = failing.slice(0, MAX_KEYS_NAMED).map(({ key, failures }) => ({ key, failures }));
      telemetry.log.warn("keys keep failing", { cluster, function: kind, count: failing.length, keys });
    }
};

/** Skips keys of clusters that this deployment no longer serves: they cannot be reconciled. */
const overdueOf = ({ clusters }: SweepPorts, items: ReadonlyMap<string, WorkItem>, now: number): Set<string> =>
  new Set(overdueKeys([...items.values()], now).filter((key) => clusters.includes(clusterOf(key))));

/** An unreachable cluster or queue does not stop the rest of the sweep; throws the failures at the end. */
export const sweep = async (ports: SweepPorts, now: number): Promise<void> => {
  const [demand, pool, nodeclass] = await Promise.all([
    listByKey(ports.table, "demand"),
    listByKey(ports.table, "pool"),
    listByKey(ports.table, "nodeclass"),
  ]);
  const items: Items = { demand, pool, nodeclass };
  const wakes: KeysToWake = {
    demand: overdueOf(ports, items.demand, now),
    pool: overdueOf(ports, items.pool, now),
    nodeclass: overdueOf(ports, items.nodeclass, now),
  };
  const overdueCount = wakes.demand.size + wakes.pool.size + wakes.nodeclass.size;
  ports.telemetry.recordMetric("overdueKeys", overdueCount, { Function: "sweep" });
  recordFailingKeys(ports, items);
  const swept = await Promise.allSettled(
    ports.clusters.map((cluster) => sweepCluster(ports, cluster, items, wakes, now)),
  );
  const woken = await Promise.allSettled(KINDS.map((kind) => ports.wakeQueue.enqueue(kind, [...wakes[kind]])));
  const failures = [...swept, ...woken].flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  throwIfAny(failures, "sweeping");
};

/** Enough time for a wake in flight to arrive. */
const GRACE_MS = 30_000;

const isOverdue = ({ leaseUntil, dirtySeq, doneSeq, nextWakeAt, failures }: WorkItem, now: number): boolean => {
  if (leaseUntil > now) return false;
  if (nextWakeAt !== undefined && nextWakeAt + GRACE_MS <= now) return true;
  // After a failure the key stays dirty and waits for the end of its backoff.
  return dirtySeq > doneSeq && (failures === 0 || nextWakeAt === undefined);
};

/** Keys that need a reconcile and have no wake coming: dirty without a worker, or past their requeue time. */
export const overdueKeys = (items: readonly WorkItem[], now: number): readonly string[] =>
  items.filter((item) => isOverdue(item, now)).map(({ key }) => key);
