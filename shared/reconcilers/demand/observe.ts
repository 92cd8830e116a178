/**
 * Reads what demand decides from, and as little as possible. The scheduler's verdict on a pod covers every node that was open to pods at that
 * time, so the pods of those nodes are not listed: only pods on nodes that opened since, and pods that pending ones depend on.
 */

import { displacedPods } from "../../demand/displaced-pods.ts";
import { isDemand, mayBeOnStandby } from "../../demand/pending-pod.ts";
import type { DemandView } from "../../demand/view.ts";
import { paths } from "../../kube/paths.ts";
import { specProblem } from "../../model/api/spec-problem.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";
import { podName } from "../../model/kubernetes/pods.ts";
import type { LaunchRequest } from "../../model/launch-request.ts";
import { createDaemonSetsOf } from "../caches/daemon-sets.ts";
import { ttlCache } from "../caches/ttl-cache.ts";
import { leanPod } from "../lean-pod.ts";
import { createListPods } from "../list-pods.ts";
import { observeClusterContext } from "./observe-cluster.ts";
import { type DemandSources, type ObserveContext, observeDemandPool, type PoolWithoutPods } from "./observe-pool.ts";
import { createStaticPodsOf } from "./static-pods.ts";

/** Instance types do not change. A failed call is not cached. */
const TYPE_FACTS_TTL_MS = 3_600_000;

export interface Observed {
  readonly view: DemandView;
  /** `namespace/name` of the pods in the view that still run, on nodes that EC2 interrupts. */
  readonly displaced: ReadonlySet<string>;
  /** All of the cluster, also those that may not start nodes. */
  readonly nodePools: readonly NodePool[];
  /** The number of instances launched for demand so far, by pool and launch token. */
  readonly overflow: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Earlier requests that no pool has fulfilled yet, by pool. */
  readonly requests: ReadonlyMap<string, LaunchRequest>;
}

/** Undefined if no pod waits for a node to be started, or for one on hold. `unstartable`: ids of instances that could not be started and must not be chosen again. */
export type ObserveDemand = (
  cluster: string,
  now: number,
  unstartable: ReadonlySet<string>,
) => Promise<Observed | undefined>;

/** Pools that start no nodes are observed as well, for the pods that wait for a node there, unless they are going or cannot be read. */
const isObserved = (pool: NodePool): boolean =>
  pool.metadata.deletionTimestamp === undefined && specProblem(pool) === undefined;

const displacedFrom = (
  pools: readonly PoolWithoutPods[],
  podsByNode: ReadonlyMap<string | undefined, readonly KubePod[]>,
): readonly KubePod[] => {
  const open = pools.flatMap(({ openRecords }) => openRecords);
  return pools.flatMap(({ interrupted }) =>
    [...interrupted].flatMap(([node, notice]) => displacedPods(notice, podsByNode.get(node) ?? [], open)),
  );
};

/** Reads pending pods first, and nothing else if none of them is demand and EC2 interrupts no spot instance. */
export const createObserveDemand = (ports: DemandSources): ObserveDemand => {
  const daemonSetsOf = createDaemonSetsOf(ports);
  const listPods = createListPods(leanPod);
  const staticPodsOf = createStaticPodsOf(ports);
  const factsAt = ttlCache(TYPE_FACTS_TTL_MS, ports.ec2.describeInstanceType);
  return async (cluster, now, unstartable) => {
    const kube = await ports.kube(cluster);
    const [pending, notices] = await Promise.all([
      kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" }, leanPod),
      ports.spotNotices.read(cluster),
    ]);
    const unscheduled = pending.filter(isDemand);
    if (unscheduled.length === 0 && notices.length === 0 && !pending.some(mayBeOnStandby)) return undefined;
    const [pools, classes, unavailableOfferings, daemonSets] = await Promise.all([
      kube.list<NodePool>(paths.nodePools()),
      kube.list<AWSNodeClass>(paths.nodeClasses()),
      ports.unavailableOfferings.read(cluster, now),
      daemonSetsOf(cluster, now),
    ]);
    const pendingByNode = Map.groupBy(pending, ({ spec }) => spec.nodeName);
    // Without facts a node of the type takes one pod, which is better than starting nothing at all.
    const factsOf = (instanceType: string) => factsAt(instanceType, now).catch(() => undefined);
    const observeContext: ObserveContext = {
      ports,
      kube,
      cluster,
      now,
      classes,
      unavailableOfferings,
      factsOf,
      unstartable,
      staticPodsOf,
      demand: new Map(unscheduled.map((pod) => [podName(pod), pod])),
      notices: new Map(notices.map((notice) => [notice.instanceId, notice])),
      pendingByNode,
    };
    const withoutPods = await Promise.all(
      pools.filter(isObserved).map((pool) => observeDemandPool(observeContext, pool)),
    );
    const nodesToList = withoutPods.flatMap((pool) => pool.nodesToList);
    const podsByNode = await listPods(kube, nodesToList);
    const observed = withoutPods.map((pool) => pool.withPods(podsByNode));
    // Listed after the pending pods: one that was evicted in between is in neither list, rather than there twice with its successor.
    const displaced = displacedFrom(withoutPods, podsByNode);
    const displacedNames = new Set(displaced.map(podName));
    const pods = [...unscheduled.filter((pod) => !displacedNames.has(podName(pod))), ...displaced];
    const demandPools = observed.map(({ pool }) => pool);
    const isBoundTo = demandPools.some(({ occupied, onHold }) => occupied.length + onHold.length > 0);
    if (pods.length === 0 && !isBoundTo) return undefined;
    const context = await observeClusterContext(kube, pods, demandPools, daemonSets);
    // Displaced pods are in nobody's way where they run now.
    const otherPods = context.pods.filter((pod) => !displacedNames.has(podName(pod)));
    return {
      view: { now, pods, pools: demandPools, context: { ...context, pods: otherPods } },
      displaced: displacedNames,
      nodePools: pools,
      overflow: new Map(observed.map(({ pool, overflow }) => [pool.name, overflow])),
      requests: new Map(observed.flatMap(({ pool, request }) => (request ? [[pool.name, request] as const] : []))),
    };
  };
};
