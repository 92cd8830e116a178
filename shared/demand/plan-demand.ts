/** Which nodes to start for the pods that found none. Pure; see docs/demand.md for what is counted and what is not. */
import type { KubePod } from "../model/kubernetes/objects.ts";
import { podName } from "../model/kubernetes/pods.ts";
import { type Allocation, allocate } from "./allocate.ts";
import type { PackNode, PackPool } from "./packing/pack-node.ts";
import { createProblem, type PackingProblem } from "./packing/problem.ts";
import { boundPods } from "./packing/snapshot.ts";
import { isDemand, pendingSince } from "./pending-pod.ts";
import type { DemandPlan, PlannedLaunch, PlannedStart } from "./plan.ts";
import { groupPods, type PodGroup } from "./pod-groups.ts";
import type { DemandView } from "./view.ts";

/** The pods of each node, in the order in which they were placed. Those of a class that have waited longest come first. */
type PodsByNode = ReadonlyMap<PackNode, readonly KubePod[]>;

const deal = ({ placements }: Allocation): { readonly placed: readonly KubePod[]; readonly byNode: PodsByNode } => {
  const dealt = new Map<PodGroup, number>();
  const byNode = new Map<PackNode, KubePod[]>();
  const placed: KubePod[] = [];
  for (const { pods, node, count } of placements) {
    const from = dealt.get(pods) ?? 0;
    dealt.set(pods, from + count);
    const own = byNode.get(node) ?? [];
    byNode.set(node, own);
    for (const pod of pods.pods.slice(from, from + count)) {
      own.push(pod);
      placed.push(pod);
    }
  }
  return { placed, byNode };
};

const podsFor = (nodes: readonly PackNode[], byNode: PodsByNode, now: number) => {
  const pods = nodes.map((node) => byNode.get(node) ?? []);
  const since = pods.flat().map(pendingSince);
  const demandSince = since.reduce((oldest, time) => Math.min(oldest, time), now);
  return { pods, podCount: since.length, demandSince };
};

const waitingOn = ({ inFlight }: PackPool, byNode: PodsByNode): DemandPlan["waiting"] =>
  inFlight.flatMap((node) => {
    const { model } = node;
    return "record" in model ? (byNode.get(node) ?? []).map((pod) => ({ pod, record: model.record })) : [];
  });

const startIn = ({ name, taken }: PackPool, byNode: PodsByNode, now: number): readonly PlannedStart[] => {
  const nodes = taken.filter(({ model }) => "record" in model);
  const records = nodes.flatMap(({ model }) => ("record" in model ? [model.record] : []));
  return records.length === 0 ? [] : [{ pool: name, records, ...podsFor(nodes, byNode, now) }];
};

const launchIn = ({ name, taken }: PackPool, byNode: PodsByNode, now: number): readonly PlannedLaunch[] => {
  const byOffering = Map.groupBy(taken, ({ model }) => ("offering" in model ? model.offering : undefined));
  return [...byOffering].flatMap(([offering, nodes]) =>
    offering ? [{ pool: name, offering, ...podsFor(nodes, byNode, now) }] : [],
  );
};

const shortOf = (pools: readonly PackPool[], { unserved }: Allocation): DemandPlan["short"] =>
  pools.flatMap((pool) => {
    const own = unserved.filter((shortage) => shortage.pools.includes(pool));
    return own.length === 0 ? [] : [{ pool: pool.name, podCount: own.reduce((sum, { count }) => sum + count, 0) }];
  });

/** The pods of a class that were placed are its first ones. */
const unschedulablePods = ({ unschedulable }: Allocation): DemandPlan["unschedulable"] =>
  unschedulable.flatMap(({ pods, left, reasons }) =>
    pods.pods.slice(pods.pods.length - left).map((pod) => ({ pod, reasons })),
  );

const toPlan = ({ pools }: PackingProblem, allocation: Allocation, now: number): DemandPlan => {
  const { placed, byNode } = deal(allocation);
  return {
    placed,
    waiting: pools.flatMap((pool) => waitingOn(pool, byNode)),
    starts: pools.flatMap((pool) => startIn(pool, byNode, now)),
    launches: pools.flatMap((pool) => launchIn(pool, byNode, now)),
    short: shortOf(pools, allocation),
    unschedulable: unschedulablePods(allocation),
  };
};

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1;

export const planDemand = (seen: DemandView): DemandPlan => {
  const view = { ...seen, pools: seen.pools.toSorted(byName) };
  const bound = boundPods(view).map(({ pod }) => pod);
  // Pods without a node are read before bound ones, so one that bound in between is in both; counted twice, it would start a node
  // too many.
  const names = new Set(bound.map(podName));
  const waiting = view.pods.filter((pod) => isDemand(pod) && !names.has(podName(pod)));
  const groups = groupPods(waiting, bound, view.context);
  const field = createProblem(view, groups);
  return toPlan(field, allocate(field, groups), view.now);
};
