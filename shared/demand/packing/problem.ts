/** Everything that packing works on, made from what was seen. */
import { isReady } from "../../model/kubernetes/objects.ts";
import { daemonSetPods } from "../nodes/daemonset-pods.ts";
import { createNodeGroups } from "../nodes/node-groups.ts";
import { type AttachLimits, modelsOf } from "../nodes/node-model.ts";
import { hasPodTerms, type PodGroup, termsOf } from "../pod-groups.ts";
import { createTopologyDomains, topologyKeysOf } from "../topology/domains.ts";
import { createTopology, NO_TOPOLOGY, type Topology } from "../topology/topology.ts";
import { type DemandPool, type DemandView, inFlightUntil, type StartedNode } from "../view.ts";
import { makePool } from "./make-pool.ts";
import type { PackPool } from "./pack-node.ts";
import { createResourceUsage } from "./resource-usage.ts";
import { boundPods, snapshotOf } from "./snapshot.ts";

export interface PackingProblem {
  readonly pools: readonly PackPool[];
  readonly topology: Topology;
  /** What each number of a vector counts. */
  readonly resources: readonly string[];
}

const isInFlight = ({ record, node }: StartedNode, { spec }: DemandPool, now: number): boolean =>
  now < inFlightUntil(record, spec) || (node !== undefined && isReady(node));

/** Of nodes on which a driver has told its limit. */
const attachLimits = ({ context }: DemandView): ReadonlyMap<string, AttachLimits> => {
  const limits = new Map<string, AttachLimits>();
  for (const { metadata, spec } of context.csiNodes) {
    const limited = (spec.drivers ?? []).flatMap(({ name, allocatable }): [string, number][] =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count]],
    );
    if (limited.length > 0) limits.set(metadata.name, Object.fromEntries(limited));
  }
  return limits;
};

/** Undefined if no pod looks at another one: neither a pending one, nor a bound one that keeps others away. */
const relevantTopologyKeys = (view: DemandView, groups: readonly PodGroup[]): readonly string[] | undefined => {
  const bound = boundPods(view)
    .filter(({ pod }) => pod.spec.affinity?.podAntiAffinity)
    .map(({ pod }) => ({ ...termsOf(pod.spec), affinity: [], spread: [] }));
  const all = [...groups, ...bound];
  return all.some(hasPodTerms) ? topologyKeysOf(all) : undefined;
};

export const createProblem = (view: DemandView, groups: readonly PodGroup[]): PackingProblem => {
  const keys = relevantTopologyKeys(view, groups);
  const domains = createTopologyDomains(keys ?? []);
  const groupOf = createNodeGroups(groups, daemonSetPods(view.context.daemonSets), keys ?? []);
  const usage = createResourceUsage(groups, view);
  const limits = attachLimits(view);
  const pools = view.pools.map((pool) => {
    const inFlight = pool.started.filter((started) => isInFlight(started, pool, view.now));
    return makePool(
      pool,
      modelsOf(pool, inFlight, (node) => limits.get(node)),
      usage.of(pool),
      { groupOf, domains },
    );
  });
  const topology = keys ? createTopology(snapshotOf(view, groups, pools, domains)) : NO_TOPOLOGY;
  return { pools, topology, resources: usage.vectors.names };
};
