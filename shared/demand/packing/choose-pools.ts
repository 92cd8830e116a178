/** Which pools give nodes for the pods that found no room. */

import { largest, shares, subtract, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import { importantFirst, largestFirst, type Order } from "./order.ts";
import { type Packer, packInto, type Supply } from "./pack.ts";
import { nextNode, type PackNode, type PackPool, roomFor } from "./pack-node.ts";

interface Trial {
  readonly placed: number;
  readonly taken: number;
  readonly order: Order;
  readonly groups: ReadonlySet<PodGroup>;
}

export interface Choice {
  readonly packer: Packer;
  readonly groups: readonly PodGroup[];
  /** All nodes at hand, of whatever pool, but for those that were taken of this one. */
  atHand(pool: PackPool): readonly PackNode[];
  /** Whether pods of higher priority come before larger ones, since there is not enough for all. */
  readonly byPriority: boolean;
}

const allocatableOf = ({ buckets }: Supply): Vector => {
  const fresh = buckets.flatMap((bucket) => nextNode(bucket)?.allocatable ?? []);
  return largest(fresh, fresh[0]?.length ?? 0);
};

const openGroups = ({ packer, groups }: Choice): readonly PodGroup[] =>
  groups.filter((pods) => packer.undoLog.left(pods) > 0);

const orderFor = (choice: Choice, supply: Supply, order: Order): readonly PodGroup[] => {
  const sorted = largestFirst(openGroups(choice), supply.pool.requests, allocatableOf(supply), order);
  return choice.byPriority ? importantFirst(sorted) : sorted;
};

/** As many nodes are needed at least, however well the pods are packed. */
const leastNodes = (
  counts: readonly (readonly [PodGroup, number])[],
  { pool }: Supply,
  allocatable: Vector,
): number => {
  const sum = new Float64Array(allocatable.length);
  for (const [pods, count] of counts) subtract(sum, pool.requests(pods), -count);
  return Math.ceil(shares(sum, allocatable).most);
};

const total = (counts: readonly (readonly [PodGroup, number])[]): number =>
  counts.reduce((sum, [, count]) => sum + count, 0);

const run = (choice: Choice, supply: Supply, order: Order): Trial => {
  const { undoLog } = choice.packer;
  const mark = undoLog.savepoint();
  const before = supply.pool.taken.length;
  packInto(choice.packer, supply, choice.atHand(supply.pool), orderFor(choice, supply, order));
  const placements = undoLog.placementsSince(mark);
  return {
    placed: placements.reduce((sum, { count }) => sum + count, 0),
    taken: supply.pool.taken.length - before,
    order,
    groups: new Set(placements.map(({ pods }) => pods)),
  };
};

/** More pods placed, else fewer nodes for them. */
const isBetter = (one: Trial, other: Trial): boolean =>
  one.placed > other.placed || (one.placed === other.placed && one.taken < other.taken);

/** For more kinds of pods than this, trying all pools of a weight would take longer than a wrong choice among them costs. */
const MOST_TRIED = 500;

/** What the pool would do for the pods that can run on its nodes if it had enough of these. */
const estimate = (choice: Choice, supply: Supply): Trial => {
  const nodes = supply.buckets.flatMap((bucket) => nextNode(bucket) ?? []);
  const canRun = (pods: PodGroup): boolean =>
    nodes.some((node) => node.group.unschedulableReason(pods) === undefined && roomFor(node, pods) > 0);
  const groups = openGroups(choice).filter(canRun);
  const counts = groups.map((pods): [PodGroup, number] => [pods, choice.packer.undoLog.left(pods)]);
  const taken = leastNodes(counts, supply, allocatableOf(supply));
  return { placed: total(counts), taken, order: "byLargestShare", groups: new Set(groups) };
};

/** What the pool would do, leaving everything as it was. */
const attempt = (choice: Choice, supply: Supply): Trial => {
  if (openGroups(choice).length > MOST_TRIED) return estimate(choice, supply);
  const { undoLog } = choice.packer;
  const allocatable = allocatableOf(supply);
  const mark = undoLog.savepoint();
  const first = run(choice, supply, "byLargestShare");
  const counts = undoLog.placementsSince(mark).map(({ pods, count }): [PodGroup, number] => [pods, count]);
  undoLog.rollbackTo(mark);
  // With one class there is but one order.
  if (first.groups.size < 2 || first.taken <= leastNodes(counts, supply, allocatable)) return first;
  const second = run(choice, supply, "byAllShares");
  undoLog.rollbackTo(mark);
  return isBetter(second, first) ? second : first;
};

/** Fewest nodes for each pod served; of two that are equal the first by name. */
const best = (trials: readonly { readonly supply: Supply; readonly trial: Trial }[]) =>
  trials
    .filter(({ trial }) => trial.placed > 0)
    .toSorted(
      (one, other) =>
        one.trial.taken * other.trial.placed - other.trial.taken * one.trial.placed ||
        (one.supply.pool.name < other.supply.pool.name ? -1 : 1),
    )[0];

/** Pools of one weight: the one that needs fewest nodes takes what it can, then the next one takes of the rest. */
const packTier = (choice: Choice, tier: readonly Supply[]): void => {
  let trials = tier.map((supply) => ({ supply, trial: attempt(choice, supply) }));
  while (trials.length > 0) {
    const chosen = best(trials);
    if (!chosen) return;
    const { groups } = run(choice, chosen.supply, chosen.trial.order);
    trials = trials
      .filter(({ supply }) => supply !== chosen.supply)
      .map(({ supply, trial }) => {
        const isTouched = [...trial.groups].some((pods) => groups.has(pods));
        return { supply, trial: isTouched ? attempt(choice, supply) : trial };
      });
  }
};

/** Heavier pools first. */
export const packPools = (choice: Choice, supplies: readonly Supply[]): void => {
  const tiers = Map.groupBy(
    supplies.filter(({ most }) => most > 0),
    ({ pool }) => pool.weight,
  );
  for (const [, tier] of [...tiers].sort(([one], [other]) => other - one)) packTier(choice, tier);
};
