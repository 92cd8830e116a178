/** Decides which nodes to start for unschedulable pods. Pure. See docs/demand.md for what is counted and what is not. */
import type { KubePod } from "../model/kubernetes/objects.ts";
import { type Allocation, allocate } from "./allocate.ts";
import { countFor, type UnplacedPods } from "./explain.ts";
import type { PackNode, PackPool } from "./packing/pack-node.ts";
import type { PackingProblem } from "./packing/problem.ts";
import { pendingSince } from "./pending-pod.ts";
import type { DemandPlan, PendingPods, PlannedLaunch, PlannedStart } from "./plan.ts";
import type { PodGroup } from "./pod-groups.ts";
import { prepare } from "./prepare.ts";
import type { DemandPool, DemandView, StartedNode } from "./view.ts";

/** The pods of each node, in the order in which they were placed. Within a group, those that have waited longest come first. */
type PodsByNode = ReadonlyMap<PackNode, readonly KubePod[]>;

/** Turns counts of pods into pods. */
const assignPods = ({
  placements,
}: Allocation): { readonly placed: readonly KubePod[]; readonly byNode: PodsByNode } => {
  const assigned = new Map<PodGroup, number>();
  const byNode = new Map<PackNode, KubePod[]>();
  const placed: KubePod[] = [];
  for (const { group, node, count } of placements) {
    const from = assigned.get(group) ?? 0;
    assigned.set(group, from + count);
    const podsOfNode = byNode.get(node) ?? [];
    byNode.set(node, podsOfNode);
    for (const pod of group.pods.slice(from, from + count)) {
      podsOfNode.push(pod);
      placed.push(pod);
    }
  }
  return { placed, byNode };
};

const podsFor = (nodes: readonly PackNode[], byNode: PodsByNode, now: number) => {
  const pods = nodes.map((node) => byNode.get(node) ?? []);
  let podCount = 0;
  let demandSince = now;
  for (const pod of pods.flat()) {
    podCount += 1;
    demandSince = Math.min(demandSince, pendingSince(pod));
  }
  return { pods, podCount, demandSince };
};

const waitingIn = ({ inFlight }: PackPool, byNode: PodsByNode): DemandPlan["waiting"] =>
  inFlight.flatMap((node) => {
    const { model } = node;
    return "record" in model ? (byNode.get(node) ?? []).map((pod) => ({ pod, record: model.record })) : [];
  });

const startsIn = ({ name, selectedNodes }: PackPool, byNode: PodsByNode, now: number): readonly PlannedStart[] => {
  const nodes = selectedNodes.filter(({ model }) => "record" in model);
  const records = nodes.flatMap(({ model }) => ("record" in model ? [model.record] : []));
  return records.length === 0 ? [] : [{ pool: name, reason: "Demand", records, ...podsFor(nodes, byNode, now) }];
};

const launchesIn = ({ name, selectedNodes }: PackPool, byNode: PodsByNode, now: number): readonly PlannedLaunch[] => {
  const byOffering = Map.groupBy(selectedNodes, ({ model }) => ("offering" in model ? model.offering : undefined));
  return [...byOffering].flatMap(([offering, nodes]) =>
    offering ? [{ pool: name, offering, ...podsFor(nodes, byNode, now) }] : [],
  );
};

const pendingIn = (pool: PackPool, byNode: PodsByNode, { unplaced }: Allocation): readonly PendingPods[] => {
  const nodes = [...pool.inFlight, ...pool.selectedNodes];
  const servedCount = nodes.reduce((sum, node) => sum + (byNode.get(node)?.length ?? 0), 0);
  const unservedCount = countFor(pool.name, unplaced);
  const podCount = servedCount + unservedCount;
  return podCount > 0 ? [{ pool: pool.name, podCount, unservedCount }] : [];
};

/** The first pods of a group are placed, so those without a node are the last. */
const lastPods = ({ group: { pods }, count }: UnplacedPods): readonly KubePod[] => pods.slice(pods.length - count);

const unservedPods = ({ unplaced }: Allocation): DemandPlan["unserved"] =>
  unplaced.filter(({ pools }) => pools.length > 0).map((one) => ({ pods: lastPods(one), pools: one.pools }));

const unschedulablePods = ({ unplaced }: Allocation): DemandPlan["unschedulable"] =>
  unplaced
    .filter(({ pools }) => pools.length === 0)
    .flatMap((one) => lastPods(one).map((pod) => ({ pod, reasons: one.reasons })));

const toPlan = ({ pools }: PackingProblem, allocation: Allocation, now: number): Omit<DemandPlan, "backoffs"> => {
  const { placed, byNode } = assignPods(allocation);
  return {
    placed,
    waiting: pools.flatMap((pool) => waitingIn(pool, byNode)),
    starts: pools.flatMap((pool) => startsIn(pool, byNode, now)),
    launches: pools.flatMap((pool) => launchesIn(pool, byNode, now)),
    pending: pools.flatMap((pool) => pendingIn(pool, byNode, allocation)),
    unserved: unservedPods(allocation),
    unschedulable: unschedulablePods(allocation),
  };
};

/** Standby that pods are bound to. */
const startsOfOccupied = ({ pools, now }: DemandView): readonly PlannedStart[] =>
  pools.flatMap(({ name, occupied }): PlannedStart[] => {
    if (occupied.length === 0) return [];
    const pods = occupied.map((node) => node.pods);
    const demandSince = pods.flat().reduce((oldest, pod) => Math.min(oldest, pendingSince(pod)), now);
    const records = occupied.map(({ record }) => record);
    return [{ pool: name, reason: "PodBound", records, pods, podCount: pods.flat().length, demandSince }];
  });

/** The pool as it is once its occupied standby is being started: other pods may use the room that is left there. */
const withOccupiedStarted = (pool: DemandPool, now: number): DemandPool => ({
  ...pool,
  started: [
    ...pool.started,
    ...pool.occupied.map(
      (node): StartedNode => ({
        ...node,
        record: { ...node.record, state: "running", stateSince: now, startedAt: now },
      }),
    ),
  ],
});

const byName = (one: { readonly name: string }, other: { readonly name: string }): number =>
  one.name < other.name ? -1 : 1;

export const planDemand = (observed: DemandView): DemandPlan => {
  const pools = observed.pools.toSorted(byName).map((pool) => withOccupiedStarted(pool, observed.now));
  const view = { ...observed, pools };
  const { backoffs, ...prepared } = prepare(view);
  const plan = toPlan(prepared.problem, allocate(prepared), view.now);
  return { ...plan, backoffs, starts: [...startsOfOccupied(view), ...plan.starts] };
};
