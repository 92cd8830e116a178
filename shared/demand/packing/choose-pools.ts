/** Chooses the pools whose nodes run the pods that found no room. */

import { subtract, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import { areAlikeSupplies } from "./alike.ts";
import { type AvailableNodes, createAvailableNodes, NO_AVAILABLE_NODES } from "./available-nodes.ts";
import { allocatableOf, createEstimates, type Estimate, minNodes } from "./estimates.ts";
import { createFreeIndex } from "./free-index.ts";
import { createOpenGroups, type OpenGroups } from "./open-groups.ts";
import type { Order, Orders } from "./order.ts";
import { type Packer, packInto, type Supply } from "./pack.ts";
import type { PackPool } from "./pack-node.ts";
import type { Placement } from "./undo-log.ts";
import { type Unused, unusedOn, unusedScores } from "./unused.ts";

interface Trial {
  readonly placed: number;
  readonly nodeCount: number;
  /** On these nodes; undefined if it is not known. */
  readonly unused: Unused;
  readonly order: Order;
  /** Whether it placed pods of the group. */
  counts(group: PodGroup): boolean;
}

export interface Choice {
  readonly packer: Packer;
  readonly groups: readonly PodGroup[];
  readonly orders: Orders;
  /** The resource that each number of a vector counts. */
  readonly resources: readonly string[];
  readonly pools: readonly PackPool[];
  /** Whether to place pods of higher priority before larger ones, because there are not enough nodes for all. */
  readonly byPriority: boolean;
}

/** A choice between two changes that are not rolled back. */
interface Moment extends Choice {
  readonly open: OpenGroups;
  readonly available: AvailableNodes;
}

/** Packs the remaining pods into nodes of the pool. */
const packPool = ({ packer, byPriority, open, available }: Moment, supply: Supply, order: Order) => {
  const savepoint = packer.undoLog.savepoint();
  const { requests } = supply.pool;
  const groups = open.inOrder({ requests, allocatable: allocatableOf(supply), order, byPriority });
  packInto(packer, supply, available, groups);
  return packer.undoLog.placementsSince(savepoint);
};

/** More pods placed; for the same number of pods, fewer nodes. */
const isBetter = (one: Trial, other: Trial): boolean =>
  one.placed > other.placed || (one.placed === other.placed && one.nodeCount < other.nodeCount);

const totalRequests = (placements: readonly Placement[], { pool }: Supply, allocatable: Vector): Vector => {
  const sum = new Float64Array(allocatable.length);
  for (const { group, count } of placements) subtract(sum, pool.requests(group), -count);
  return sum;
};

const tryOrder = (moment: Moment, supply: Supply, order: Order) => {
  const { undoLog } = moment.packer;
  const { selectedNodes } = supply.pool;
  const savepoint = undoLog.savepoint();
  const before = selectedNodes.length;
  const placements = packPool(moment, supply, order);
  const groups = new Set(placements.map(({ group }) => group));
  const trial: Trial = {
    placed: placements.reduce((sum, { count }) => sum + count, 0),
    nodeCount: selectedNodes.length - before,
    unused: unusedOn(selectedNodes.slice(before), moment.resources),
    order,
    counts: (group) => groups.has(group),
  };
  undoLog.rollbackTo(savepoint);
  return { trial, placements, groupCount: groups.size };
};

/** What the pool would place. Rolls everything back. */
const tryPool = (moment: Moment, supply: Supply): Trial => {
  const allocatable = allocatableOf(supply);
  const { trial: first, placements, groupCount } = tryOrder(moment, supply, "byLargestShare");
  // A single group has only one order.
  if (groupCount < 2 || first.nodeCount <= minNodes(totalRequests(placements, supply, allocatable), allocatable))
    return first;
  const { trial: second } = tryOrder(moment, supply, "byAllShares");
  return isBetter(second, first) ? second : first;
};

/** Whether pods would be placed on nodes that the pool has selected already. */
const hasRoomLeft = ({ groups, packer: { undoLog } }: Moment, { selectedNodes }: PackPool): boolean => {
  if (selectedNodes.length === 0) return false;
  const index = createFreeIndex(selectedNodes, true);
  return groups.some((group) => undoLog.remaining(group) > 0 && index.firstFor(group, 0) >= 0);
};

/** Of pools that are alike, only the first is tried. */
const tryPools = (moment: Moment, supplies: readonly Supply[]): ReadonlyMap<Supply, Trial> => {
  const trials = new Map<Supply, Trial>();
  const examples: Supply[] = [];
  for (const supply of supplies) {
    const isOrdinary = !hasRoomLeft(moment, supply.pool);
    const example = isOrdinary ? examples.find((other) => areAlikeSupplies(other, supply)) : undefined;
    trials.set(supply, (example && trials.get(example)) ?? tryPool(moment, supply));
    if (isOrdinary && !example) examples.push(supply);
  }
  return trials;
};

const toTrial = (estimate: Estimate): Trial => ({ ...estimate, unused: undefined, order: "byLargestShare" });

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

/** With more pod groups than this, trying all pools of a weight costs more time than a wrong choice among them is worth. */
const MAX_GROUPS_TRIED = 500;

/** Pools of one weight: the pool that needs the fewest nodes places what it can, then the next one places some of the rest. */
const packTier = (choice: Choice, tier: readonly Supply[]): void => {
  const { packer, groups, orders, pools } = choice;
  const open = createOpenGroups(groups, orders, packer.undoLog);
  const estimates = createEstimates(packer.undoLog, groups);
  const haveRules = groups.some((group) => packer.topology.constrains(group));
  const now = (): Moment => ({
    ...choice,
    open,
    available: haveRules ? createAvailableNodes(pools) : NO_AVAILABLE_NODES,
  });
  const tryAll = (moment: Moment, supplies: readonly Supply[]): ReadonlyMap<Supply, Trial> =>
    open.count() > MAX_GROUPS_TRIED
      ? new Map(supplies.map((supply) => [supply, toTrial(estimates.of(supply))]))
      : tryPools(moment, supplies);
  let moment = now();
  let trials = tryAll(moment, tier);
  while (trials.size > 0) {
    const chosen = best([...trials].map(([supply, trial]) => ({ supply, trial })));
    if (!chosen) return;
    const placements = packPool(moment, chosen.supply, chosen.trial.order);
    estimates.remove(placements);
    moment = now();
    const others = [...trials].filter(([supply]) => supply !== chosen.supply);
    const outdated = others.filter(([, trial]) => placements.some(({ group }) => trial.counts(group)));
    trials = new Map([
      ...others,
      ...tryAll(
        moment,
        outdated.map(([supply]) => supply),
      ),
    ]);
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
  const followers = choice.groups.filter(({ affinity }) => affinity.length > 0);
  const hasFollowers = () => followers.some((group) => undoLog.remaining(group) > 0);
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
