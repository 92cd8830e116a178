/**
 * What demand is decided from, with little read. The scheduler's verdict on a pod covers every node that was open when it was
 * given, so their pods need not be listed: only those of nodes that became open since, and those that pending pods look at.
 */

import { isDemand } from "../../demand/pending-pod.ts";
import type { DemandView } from "../../demand/view.ts";
import { paths } from "../../kube/paths.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";
import { createDaemonSetsOf } from "../caches/daemon-sets.ts";
import { ttlCache } from "../caches/ttl-cache.ts";
import { observeClusterContext } from "./observe-cluster.ts";
import { type DemandSources, type ObserveContext, observeDemandPool } from "./observe-pool.ts";

/** They do not change; what EC2 could not tell is asked again. */
const TYPES_FOR_MS = 3_600_000;

export interface Observed {
  readonly view: DemandView;
  /** Instances that the pools have launched for demand so far, by pool and token. */
  readonly overflow: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Undefined if no pod waits for a node. `unable`: ids of instances that must not be chosen. */
export type ObserveDemand = (
  cluster: string,
  now: number,
  unable: ReadonlySet<string>,
) => Promise<Observed | undefined>;

/** Neither going nor told to begin nothing. */
const isOpen = ({ metadata, spec }: NodePool): boolean =>
  metadata.deletionTimestamp === undefined && !spec.paused && !spec.dryRun;

/** Pending pods are read first: where there are none, nothing else is. */
export const createObserveDemand = (ports: DemandSources): ObserveDemand => {
  const daemonSetsOf = createDaemonSetsOf(ports);
  const factsAt = ttlCache(TYPES_FOR_MS, ports.ec2.describeInstanceType);
  return async (cluster, now, unable) => {
    const kube = await ports.kube(cluster);
    const pending = await kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" });
    const pods = pending.filter(isDemand);
    if (pods.length === 0) return undefined;
    const [pools, classes, marks, daemonSets] = await Promise.all([
      kube.list<NodePool>(paths.nodePools()),
      kube.list<AWSNodeClass>(paths.nodeClasses()),
      ports.unavailableOfferings.read(cluster, now),
      daemonSetsOf(cluster, now),
    ]);
    const arriving = Map.groupBy(pending, ({ spec }) => spec.nodeName);
    // Without facts a node of the type takes one pod, which is better than that nothing is started at all.
    const factsOf = (instanceType: string) => factsAt(instanceType, now).catch(() => undefined);
    const look: ObserveContext = { ports, kube, cluster, now, classes, marks, factsOf, unable, arriving };
    const observed = await Promise.all(pools.filter(isOpen).map((pool) => observeDemandPool(look, pool)));
    const seen = observed.map(({ pool }) => pool);
    const context = await observeClusterContext(kube, pods, seen, daemonSets);
    return {
      view: { now, pods, pools: seen, context },
      overflow: new Map(observed.map(({ pool, overflow }) => [pool.name, overflow])),
    };
  };
};
