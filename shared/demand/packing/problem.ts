/** Makes everything that packing works on from the view. */
import { createAmountsCache } from "../../scheduling/resource-amount.ts";
import { expectedDaemonSetPods } from "../nodes/daemonset-pods.ts";
import { createEquivalenceGroups } from "../nodes/equivalence-groups.ts";
import { type AttachLimits, modelsOf } from "../nodes/node-model.ts";
import { hasPodTerms, type PodGroup, termsOf } from "../pod-groups.ts";
import { createTopologyDomains, topologyKeysOf } from "../topology/domains.ts";
import { createTopology, NO_TOPOLOGY, type Topology } from "../topology/topology.ts";
import type { DemandView } from "../view.ts";
import { makePool } from "./make-pool.ts";
import { createNodeKinds } from "./node-kind.ts";
import type { PackPool } from "./pack-node.ts";
import { createResourceUsage } from "./resource-usage.ts";
import { listBoundPods, snapshotOf } from "./snapshot.ts";

export interface PackingProblem {
  readonly pools: readonly PackPool[];
  readonly topology: Topology;
  /** The resource that each number of a vector counts. */
  readonly resources: readonly string[];
}

/** By node name, for nodes whose CSINode reports a limit. Equal limits are the same object. */
const attachLimitsByNode = ({ context }: DemandView): ReadonlyMap<string, AttachLimits> => {
  const limits = new Map<string, AttachLimits>();
  const byText = new Map<string, AttachLimits>();
  for (const { metadata, spec } of context.csiNodes) {
    const limited = (spec.drivers ?? []).flatMap(({ name, allocatable }): [string, number][] =>
      allocatable?.count === undefined ? [] : [[name, allocatable.count]],
    );
    if (limited.length === 0) continue;
    const text = JSON.stringify(limited);
    const ofNode = byText.get(text) ?? Object.fromEntries(limited);
    byText.set(text, ofNode);
    limits.set(metadata.name, ofNode);
  }
  return limits;
};

/** Undefined if no rule depends on other pods: neither of pending pods, nor the anti-affinity of bound ones. */
const relevantTopologyKeys = (view: DemandView, groups: readonly PodGroup[]): readonly string[] | undefined => {
  const ofBoundPods = listBoundPods(view)
    .filter(({ pod }) => pod.spec.affinity?.podAntiAffinity)
    .map(({ pod }) => ({ ...termsOf(pod.spec), affinity: [], spread: [] }));
  const all = [...groups, ...ofBoundPods];
  return all.some(hasPodTerms) ? topologyKeysOf(all) : undefined;
};

export const createProblem = (view: DemandView, groups: readonly PodGroup[]): PackingProblem => {
  const keys = relevantTopologyKeys(view, groups);
  const domains = createTopologyDomains(keys ?? []);
  const equivalenceGroupOf = createEquivalenceGroups(
    groups,
    expectedDaemonSetPods(view.context.daemonSets),
    keys ?? [],
  );
  const resourceUsage = createResourceUsage(groups, view);
  const kindOf = createNodeKinds(groups.length);
  const attachLimits = attachLimitsByNode(view);
  const amountsOf = createAmountsCache();
  const pools = view.pools.map((pool) => {
    return makePool(
      pool,
      modelsOf(pool, (node) => attachLimits.get(node), amountsOf),
      resourceUsage.of(pool),
      { equivalenceGroupOf, kindOf, domains },
    );
  });
  const topology = keys ? createTopology(snapshotOf(view, groups, pools, domains)) : NO_TOPOLOGY;
  return { pools, topology, resources: resourceUsage.vectors.names };
};
