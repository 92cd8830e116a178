/** Repairs what events cannot be trusted with: each minute the same work, whatever has happened. */

import type { Ec2 } from "../../aws/ec2.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { ReconcilerKind } from "../../model/events.ts";
import { clusterOf } from "../../model/keys.ts";
import { MANAGED_BY, TAG } from "../../model/names.ts";
import type { WakeSender } from "../../queue/types.ts";
import type { WorkItem, WorkTable } from "../../queue/work-table.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";

/** A key that has not been looked at for so long is looked at, whether anything rang or not. */
const UNSEEN_AFTER_MS = 5 * 60_000;

export interface SweepPorts {
  kube(cluster: string): Promise<KubeClient>;
  readonly clusters: readonly string[];
  readonly ec2: Ec2;
  readonly table: WorkTable;
  readonly wakeQueue: WakeSender;
  readonly telemetry: Telemetry;
}

type Items = Readonly<Record<ReconcilerKind, ReadonlyMap<string, WorkItem>>>;
type Wakes = Readonly<Record<ReconcilerKind, Set<string>>>;

/** A key that keeps failing is tried at the end of its backoff, not before. */
const isStale = (item: WorkItem | undefined, now: number): boolean => {
  if (!item) return true;
  const isWaiting = item.failures > 0 && item.nextWakeAt !== undefined && item.nextWakeAt > now;
  return !isWaiting && now - item.lastDoneAt >= UNSEEN_AFTER_MS;
};

const byKey = async (table: WorkTable, kind: ReconcilerKind) =>
  new Map((await table.list(kind)).map((item) => [item.key, item]));

/** Keys that the cluster's objects and EC2's instances name and that nobody has looked at lately. */
const sweepCluster = async (ports: SweepPorts, cluster: string, items: Items, wakes: Wakes, now: number) => {
  const kube = await ports.kube(cluster);
  const [pools, classes, instances] = await Promise.all([
    kube.list<NodePool>(paths.nodePools()),
    kube.list<AWSNodeClass>(paths.nodeClasses()),
    ports.ec2.describeInstances({ tags: { [TAG.managedBy]: MANAGED_BY, [TAG.cluster]: cluster } }),
  ]);
  // Pods that wait and an event that was lost look the same from here: demand is looked at each minute.
  wakes.demand.add(cluster);
  const poolNames = [
    ...pools.map(({ metadata }) => metadata.name),
    ...instances.filter(({ state }) => state !== "terminated").flatMap(({ tags }) => tags[TAG.pool] ?? []),
  ];
  for (const key of poolNames.map((name) => `${cluster}/${name}`)) {
    if (isStale(items.pool.get(key), now)) wakes.pool.add(key);
  }
  for (const key of classes.map(({ metadata }) => `${cluster}/${metadata.name}`)) {
    if (isStale(items.nodeclass.get(key), now)) wakes.nodeclass.add(key);
  }
};

const KINDS = ["demand", "pool", "nodeclass"] as const;

/** Keys of clusters that are served no longer are left alone: nothing could come of a look at them. */
const overdueOf = ({ clusters }: SweepPorts, items: ReadonlyMap<string, WorkItem>, now: number): Set<string> =>
  new Set(overdueKeys([...items.values()], now).filter((key) => clusters.includes(clusterOf(key))));

/** What cannot be reached, cluster or queue, keeps nothing else from being swept; throws at the end for what failed. */
export const sweep = async (ports: SweepPorts, now: number): Promise<void> => {
  const [demand, pool, nodeclass] = await Promise.all([
    byKey(ports.table, "demand"),
    byKey(ports.table, "pool"),
    byKey(ports.table, "nodeclass"),
  ]);
  const items: Items = { demand, pool, nodeclass };
  const wakes: Wakes = {
    demand: overdueOf(ports, items.demand, now),
    pool: overdueOf(ports, items.pool, now),
    nodeclass: overdueOf(ports, items.nodeclass, now),
  };
  const overdueCount = wakes.demand.size + wakes.pool.size + wakes.nodeclass.size;
  ports.telemetry.recordMetric("overdueKeys", overdueCount, { Function: "sweep" });
  const swept = await Promise.allSettled(
    ports.clusters.map((cluster) => sweepCluster(ports, cluster, items, wakes, now)),
  );
  const woken = await Promise.allSettled(KINDS.map((kind) => ports.wakeQueue.enqueue(kind, [...wakes[kind]])));
  const failures = [...swept, ...woken].flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  if (failures.length === 0) return;
  const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  throw new AggregateError(failures, `sweeping: ${reasons.join("; ")}`);
};

/** Time enough for a wake that is on its way. */
const GRACE_MS = 30_000;

const isOverdue = ({ leaseUntil, dirtySeq, doneSeq, nextWakeAt, failures }: WorkItem, now: number): boolean => {
  if (leaseUntil > now) return false;
  if (nextWakeAt !== undefined && nextWakeAt + GRACE_MS <= now) return true;
  // After a failure the key stays dirty and waits for the end of its backoff.
  return dirtySeq > doneSeq && (failures === 0 || nextWakeAt === undefined);
};

/** Keys that want a look and have none coming: dirty without a worker, or past the time they asked for. */
export const overdueKeys = (items: readonly WorkItem[], now: number): readonly string[] =>
  items.filter((item) => isOverdue(item, now)).map(({ key }) => key);
