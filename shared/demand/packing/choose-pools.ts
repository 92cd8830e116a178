/** Chooses the pools whose nodes run the pods that found no room. */

import { largest, shares, subtract, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import { highestPriorityFirst, largestFirst, type Order } from "./order.ts";
import { type Packer, packInto, type Supply } from "./pack.ts";
import { nextNode, type PackNode, type PackPool, roomFor } from "./pack-node.ts";
import { type Unused, unusedOn, unusedScores } from "./unused.ts";

interface Trial {
  readonly placed: number;
  readonly nodeCount: number;
  /** On these nodes; undefined if it is not known. */
  readonly unused: Unused;
  readonly order: Order;
  readonly groups: ReadonlySet<PodGroup>;
}

export interface Choice {
  readonly packer: Packer;
  readonly groups: readonly PodGroup[];
  /** The resource that each number of a vector counts. */
  readonly resources: readonly string[];
  /** Nodes of all pools that may have room, except the selected nodes of `pool` itself. */
  availableNodes(pool: PackPool): readonly PackNode[];
  /** Whether to place pods of higher priority before larger ones, because there are not enough nodes for all. */
  readonly byPriority: boolean;
}

const allocatableOf = ({ buckets }: Supply): Vector => {
  const vectors = buckets.flatMap((bucket) => nextNode(bucket)?.kind.allocatable ?? []);
  return largest(vectors, vectors[0]?.length ?? 0);
};

const unplacedGroups = ({ packer, groups }: Choice): readonly PodGroup[] =>
  groups.filter((group) => packer.undoLog.remaining(group) > 0);

const orderFor = (choice: Choice, supply: Supply, order: Order): readonly PodGroup[] => {
  const sorted = largestFirst(unplacedGroups(choice), supply.pool.requests, allocatableOf(supply), order);
  return choice.byPriority ? highestPriorityFirst(sorted) : sorted;
};

/** A lower bound of the nodes needed, however well the pods are packed. */
const minNodes = (counts: readonly (readonly [PodGroup, number])[], { pool }: Supply, allocatable: Vector): number => {
  const sum = new Float64Array(allocatable.length);
  for (const [group, count] of counts) subtract(sum, pool.requests(group), -count);
  return Math.ceil(shares(sum, allocatable).max);
};

const total = (counts: readonly (readonly [PodGroup, number])[]): number =>
  counts.reduce((sum, [, count]) => sum + count, 0);

/** Packs the remaining pods into nodes of the pool. */
const packPool = (choice: Choice, supply: Supply, order: Order): Trial => {
  const { undoLog } = choice.packer;
  const savepoint = undoLog.savepoint();
  const before = supply.pool.selectedNodes.length;
  packInto(choice.packer, supply, () => choice.availableNodes(supply.pool), orderFor(choice, supply, order));
  const placements = undoLog.placementsSince(savepoint);
  return {
    placed: placements.reduce((sum, { count }) => sum + count, 0),
    nodeCount: supply.pool.selectedNodes.length - before,
    unused: unusedOn(supply.pool.selectedNodes.slice(before), choice.resources),
    order,
    groups: new Set(placements.map(({ group }) => group)),
  };
};

/** More pods placed; for the same number of pods, fewer nodes. */
const isBetter = (one: Trial, other: Trial): boolean =>
  one.placed > other.placed || (one.placed === other.placed && one.nodeCount < other.nodeCount);

/** With more pod groups than this, trying all pools of a weight costs more time than a wrong choice among them is worth. */
const MAX_GROUPS_TRIED = 500;

/** What the pool would place if it had enough nodes for all pods that can run on them. */
const estimate = (choice: Choice, supply: Supply): Trial => {
  const nodes = supply.buckets.flatMap((bucket) => nextNode(bucket) ?? []);
  const canRun = (group: PodGroup): boolean =>
    nodes.some(
      (node) => node.kind.equivalenceGroup.unschedulableReason(group) === undefined && roomFor(node, group) > 0,
    );
  const groups = unplacedGroups(choice).filter(canRun);
  const counts = groups.map((group): [PodGroup, number] => [group, choice.packer.undoLog.remaining(group)]);
  const nodeCount = minNodes(counts, supply, allocatableOf(supply));
  return { placed: total(counts), nodeCount, unused: undefined, order: "byLargestShare", groups: new Set(groups) };
};

/** What the pool would place. Rolls everything back. */
const tryPool = (choice: Choice, supply: Supply): Trial => {
  if (unplacedGroups(choice).length > MAX_GROUPS_TRIED) return estimate(choice, supply);
  const { undoLog } = choice.packer;
  const allocatable = allocatableOf(supply);
  const savepoint = undoLog.savepoint();
  const first = packPool(choice, supply, "byLargestShare");
  const counts = undoLog.placementsSince(savepoint).map(({ group, count }): [PodGroup, number] => [group, count]);
  undoLog.rollbackTo(savepoint);
  // A single group has only one order.
  if (first.groups.size < 2 || first.nodeCount <= minNodes(counts, supply, allocatable)) return first;
  const second = packPool(choice, supply, "byAllShares");
  undoLog.rollbackTo(savepoint);
  return isBetter(second, first) ? second : first;
};

/** Differences of a rounding error are none. */
const byScore = (one: number, other: number): number =>
  Math.abs(one - other) < 1e-9 || one === other ? 0 : one - other;

/** Fewest nodes per placed pod; among equals, the one that leaves least unused, then the first by name. */
const best = (trials: readonly { readonly supply: Supply; readonly trial: Trial }[]) => {
  const placing = trials.filter(({ trial }) => trial.placed > 0);
  const scores = unusedScores(placing.map(({ trial }) => trial));
  return placing
    .map((one, index) => ({ ...one, score: scores[index] ?? 0 }))
    .sort(
      (one, other) =>
        one.trial.nodeCount * other.trial.placed - other.trial.nodeCount * one.trial.placed ||
        byScore(one.score, other.score) ||
        (one.supply.pool.name < other.supply.pool.name ? -1 : 1),
    )[0];
};

/** Pools of one weight: the pool that needs the fewest nodes places what it can, then the next one places some of the rest. */
const packTier = (choice: Choice, tier: readonly Supply[]): void => {
  let trials = tier.map((supply) => ({ supply, trial: tryPool(choice, supply) }));
  while (trials.length > 0) {
    const chosen = best(trials);
    if (!chosen) return;
    const { groups } = packPool(choice, chosen.supply, chosen.trial.order);
    trials = trials
      .filter(({ supply }) => supply !== chosen.supply)
      .map(({ supply, trial }) => {
        const isOutdated = [...trial.groups].some((group) => groups.has(group));
        return { supply, trial: isOutdated ? tryPool(choice, supply) : trial };
      });
  }
};

/** Pools of greater weight first. */
const packTiers = (choice: Choice, supplies: readonly Supply[]): void => {
  const tiers = Map.groupBy(
    supplies.filter(({ maxNodes }) => maxNodes > 0),
    ({ pool }) => pool.weight,
  );
  for (const [, tier] of [...tiers].sort(([one], [other]) => other - one)) packTier(choice, tier);
};

/**
 * Calls `pack`, then `packAgain` for as long as it places anything while pods with affinity are left: they may follow pods that another pool has
 * placed meanwhile.
 */
export const packWithFollowers = (choice: Choice, pack: () => void, packAgain: () => void): void => {
  const { undoLog } = choice.packer;
  const hasFollowers = () => unplacedGroups(choice).some(({ affinity }) => affinity.length > 0);
  let savepoint = undoLog.savepoint();
  pack();
  for (let round = 1; round <= choice.groups.length; round += 1) {
    if (undoLog.savepoint() === savepoint || !hasFollowers()) return;
    savepoint = undoLog.savepoint();
    packAgain();
  }
};

/** `suppliesOf`: what the pools can still give. */
export const packPools = (choice: Choice, suppliesOf: () => readonly Supply[]): void => {
  const pack = () => packTiers(choice, suppliesOf());
  packWithFollowers(choice, pack, pack);
};
