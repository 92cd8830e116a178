/** Assigns pods to nodes: first to free room on nodes in flight, then to standby nodes, then to nodes to launch. */

import { podName } from "../model/kubernetes/pods.ts";
import { largest } from "../scheduling/resource-vector.ts";
import { type ExplainContext, explainGroup, type UnplacedPods } from "./explain.ts";
import { packPools, packWithFollowers } from "./packing/choose-pools.ts";
import { RESIZABLE } from "./packing/make-pool.ts";
import { createOrders, type Orders } from "./packing/order.ts";
import { packOn, placeAgain } from "./packing/pack.ts";
import type { Bucket, PackNode, PackPool } from "./packing/pack-node.ts";
import type { PackingProblem } from "./packing/problem.ts";
import { createUndoLog, type Placement, type UndoLog } from "./packing/undo-log.ts";
import type { PodGroup } from "./pod-groups.ts";
import type { Prepared } from "./prepare.ts";

export interface Allocation {
  readonly placements: readonly Placement[];
  /** Pods that launches cannot serve, either, and pods that no pool can run. */
  readonly unplaced: readonly UnplacedPods[];
}

interface Attempt extends PackingProblem {
  readonly undoLog: UndoLog;
  readonly groups: readonly PodGroup[];
  /** Those of them that do not back off. */
  readonly runnable: readonly PodGroup[];
  /** Of `runnable`. */
  readonly orders: Orders;
  readonly setAside: readonly UnplacedPods[];
  readonly explainContext: ExplainContext;
}

/** The names of the pods that the node was started for. */
const assignedTo = ({ model }: PackNode): readonly string[] => ("record" in model ? (model.record.pods ?? []) : []);

/** Places pods on the nodes that were started for them, as far as they fit: a later decision starts nothing more for the same pods. */
const keepAssignments = ({ pools, topology, undoLog, groups }: Attempt): void => {
  const nodes = pools.flatMap(({ inFlight }) => inFlight);
  if (nodes.every((node) => assignedTo(node).length === 0)) return;
  const groupOf = new Map<string, PodGroup>();
  for (const group of groups) for (const pod of group.pods) groupOf.set(podName(pod), group);
  for (const node of nodes) {
    for (const name of assignedTo(node)) {
      const group = groupOf.get(name);
      if (group) placeAgain({ undoLog, topology }, group, node);
    }
  }
};

/** Sizes of pods without requests come from the first pool's defaults: for the order it hardly matters which pool's apply. */
const packInFlight = ({ pools, topology, undoLog, orders }: Attempt, byPriority: boolean): void => {
  const inFlight = pools.flatMap((pool) => pool.inFlight);
  const [first] = pools;
  if (!first || inFlight.length === 0) return;
  const allocatable = largest(
    inFlight.map((node) => node.kind.allocatable),
    inFlight[0]?.kind.allocatable.length ?? 0,
  );
  const order = orders({ requests: first.requests, allocatable, order: "byLargestShare", byPriority });
  packOn({ undoLog, topology }, inFlight, order);
};

const unplacedGroups = ({ undoLog, runnable }: Attempt): readonly PodGroup[] =>
  runnable.filter((group) => undoLog.remaining(group) > 0);

const explainUnplaced = (attempt: Attempt): readonly UnplacedPods[] => {
  const { pools, undoLog, explainContext, setAside } = attempt;
  const explain = (group: PodGroup) => explainGroup(pools, group, undoLog.remaining(group), explainContext);
  return [...setAside, ...unplacedGroups(attempt).map(explain)];
};

const launchesLeft = ({ maxLaunches, selectedNodes }: PackPool): number =>
  maxLaunches - selectedNodes.filter(({ model }) => "offering" in model).length;

const allocateOnce = (attempt: Attempt, byPriority: boolean): Allocation => {
  const { pools, topology, undoLog, runnable } = attempt;
  const choice = {
    packer: { undoLog, topology },
    groups: runnable,
    orders: attempt.orders,
    pools,
    byPriority,
    resources: attempt.resources,
  };
  const packBuckets = (bucketsOf: (pool: PackPool) => readonly Bucket[]) =>
    packPools(choice, () =>
      pools.map((pool) => ({ pool, buckets: bucketsOf(pool), maxNodes: Number.POSITIVE_INFINITY })),
    );
  const isResizable = ({ rank }: Bucket): boolean => rank === RESIZABLE;
  const hasResizable = pools.some(({ standby }) => standby.some(isResizable));
  const packStandby = () => {
    // Standby of any pool that needs no change comes first.
    if (hasResizable) packBuckets(({ standby }) => standby.filter((bucket) => !isResizable(bucket)));
    packBuckets(({ standby }) => standby);
  };
  const packLaunches = () =>
    packPools(choice, () => pools.map((pool) => ({ pool, buckets: pool.launches, maxNodes: launchesLeft(pool) })));
  packInFlight(attempt, byPriority);
  packStandby();
  packWithFollowers(choice, packLaunches, () => {
    packStandby();
    packLaunches();
  });
  return { placements: undoLog.placementsSince(0), unplaced: explainUnplaced(attempt) };
};

/** How often the allocation is repeated with the selected nodes present from the start. */
const MAX_ROUNDS = 4;

/**
 * The scheduler will see all started nodes at once and spread pods over them, whereas the allocation selects nodes one after another and fills
 * each before the next. So it is repeated with the selected nodes present from the start, until it selects no further node.
 */
const allocateEvenly = (attempt: Attempt, byPriority: boolean): Allocation => {
  const { pools, topology, undoLog } = attempt;
  for (let round = 1; ; round += 1) {
    const savepoint = undoLog.savepoint();
    const allocation = allocateOnce(attempt, byPriority);
    if (round === MAX_ROUNDS || !topology.assumePresent(pools.flatMap(({ selectedNodes }) => selectedNodes)))
      return allocation;
    undoLog.rollbackTo(savepoint);
  }
};

/**
 * Placing the largest pods first needs the fewest nodes. If that does not serve all pods, the allocation is repeated in order of priority.
 * The nodes of the result stay selected in the pools of `problem`.
 */
export const allocate = ({ problem, groups, setAside }: Prepared): Allocation => {
  const undoLog = createUndoLog(groups, problem.topology);
  const explainContext = { topology: problem.topology, resources: problem.resources };
  const runnable = groups.filter((group) => !group.isBackingOff);
  const orders = createOrders(runnable);
  const attempt = { ...problem, undoLog, groups, runnable, orders, setAside, explainContext };
  keepAssignments(attempt);
  const kept = undoLog.savepoint();
  const allocation = allocateEvenly(attempt, false);
  const allPlaced = runnable.every((group) => undoLog.remaining(group) === 0);
  const priorities = new Set(runnable.map(({ priority }) => priority));
  if (allPlaced || priorities.size < 2) return allocation;
  undoLog.rollbackTo(kept);
  return allocateEvenly(attempt, true);
};
