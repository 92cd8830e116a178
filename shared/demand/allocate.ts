/** Gives pods their nodes: first the room that is there, then nodes that are asleep, then nodes to be launched. */

import { largest } from "../scheduling/resource-vector.ts";
import { type Explainer, unschedulableReason } from "./explain.ts";
import { packPools } from "./packing/choose-pools.ts";
import { importantFirst, largestFirst } from "./packing/order.ts";
import { packOn } from "./packing/pack.ts";
import type { PackNode, PackPool } from "./packing/pack-node.ts";
import type { PackingProblem } from "./packing/problem.ts";
import { createUndoLog, type Placement, type UndoLog } from "./packing/undo-log.ts";
import type { PodGroup } from "./pod-groups.ts";

/** Pods of a class that standby did not serve, and the pools that could run them if they had more nodes. */
interface UnservedPods {
  readonly pods: PodGroup;
  readonly count: number;
  readonly pools: readonly PackPool[];
}

export interface Allocation {
  readonly placements: readonly Placement[];
  readonly unserved: readonly UnservedPods[];
  /** Classes with pods that no pool can run, with what stands against them in each. */
  readonly unschedulable: readonly {
    readonly pods: PodGroup;
    readonly left: number;
    readonly reasons: readonly string[];
  }[];
}

interface Attempt extends PackingProblem {
  readonly undoLog: UndoLog;
  readonly groups: readonly PodGroup[];
  readonly explainer: Explainer;
}

/** Largest first beside what a node has; which pool's defaults count for pods without requests makes no great difference here. */
const packInFlight = ({ pools, topology, undoLog, groups }: Attempt, byPriority: boolean): void => {
  const inFlight = pools.flatMap((pool) => pool.inFlight);
  const [first] = pools;
  if (!first || inFlight.length === 0) return;
  const allocatable = largest(
    inFlight.map((node) => node.allocatable),
    inFlight[0]?.allocatable.length ?? 0,
  );
  const sorted = largestFirst(groups, first.requests, allocatable, "byLargestShare");
  packOn({ undoLog, topology }, inFlight, byPriority ? importantFirst(sorted) : sorted);
};

const unservedPods = ({ pools, undoLog, groups, explainer }: Attempt): readonly UnservedPods[] =>
  groups
    .filter((pods) => undoLog.left(pods) > 0)
    .map((pods) => ({
      pods,
      count: undoLog.left(pods),
      pools: pools.filter((pool) => unschedulableReason(pool, pods, explainer) === undefined),
    }));

const unschedulablePods = ({ pools, undoLog, groups, explainer }: Attempt): Allocation["unschedulable"] =>
  groups
    .filter((pods) => undoLog.left(pods) > 0)
    .flatMap((pods) => {
      const reasons = pools.map((pool) => ({ pool, reason: unschedulableReason(pool, pods, explainer) }));
      if (reasons.some(({ reason }) => reason === undefined)) return [];
      return [
        { pods, left: undoLog.left(pods), reasons: reasons.map(({ pool, reason }) => `${pool.name}: ${reason}`) },
      ];
    });

const run = (attempt: Attempt, byPriority: boolean): Allocation => {
  const { pools, topology, undoLog, groups } = attempt;
  const atHand = (own: PackPool): readonly PackNode[] =>
    pools.flatMap((pool) => (pool === own ? pool.inFlight : [...pool.inFlight, ...pool.taken]));
  const choice = { packer: { undoLog, topology }, groups, atHand, byPriority };
  packInFlight(attempt, byPriority);
  packPools(
    choice,
    pools.map((pool) => ({ pool, buckets: pool.standby, most: Number.POSITIVE_INFINITY })),
  );
  const unserved = unservedPods(attempt);
  packPools(
    choice,
    pools.map((pool) => ({ pool, buckets: pool.launches, most: pool.mostLaunches })),
  );
  return { placements: undoLog.placementsSince(0), unserved, unschedulable: unschedulablePods(attempt) };
};

/** How often the nodes that were taken are looked at again as being there from the start. */
const MOST_ROUNDS = 4;

/**
 * The scheduler will find all the nodes at once and spread pods over them, where here they were taken one after another, so that the
 * first ones got all they could hold. So it is done again, with these nodes there from the start, until no more are taken.
 */
const runEvenly = (attempt: Attempt, byPriority: boolean): Allocation => {
  const { pools, topology, undoLog } = attempt;
  for (let round = 1; ; round += 1) {
    const mark = undoLog.savepoint();
    const allocation = run(attempt, byPriority);
    if (round === MOST_ROUNDS || !topology.assume(pools.flatMap(({ taken }) => taken))) return allocation;
    undoLog.rollbackTo(mark);
  }
};

/**
 * Largest pods first needs fewest nodes. Only where these do not suffice for all does priority decide, and the whole is done again
 * by it. Leaves the field's nodes taken.
 */
export const allocate = (field: PackingProblem, groups: readonly PodGroup[]): Allocation => {
  const undoLog = createUndoLog(groups, field.topology);
  const explainer = { topology: field.topology, resources: field.resources };
  const attempt = { ...field, undoLog, groups, explainer };
  const allocation = runEvenly(attempt, false);
  const isEnough = groups.every((pods) => undoLog.left(pods) === 0);
  const priorities = new Set(groups.map(({ priority }) => priority));
  if (isEnough || priorities.size < 2) return allocation;
  undoLog.rollbackTo(0);
  return runEvenly(attempt, true);
};
