/** Which pools give nodes for the pods that found no room. */
import type { PodClass } from "../pod-classes.ts";
import { largest, type Vector } from "../resources/vectors.ts";
import { importantFirst, largestFirst, type Order } from "./order.ts";
import { type Packer, packInto, type Supply } from "./pack.ts";
import { nextNode, type PackNode } from "./pack-node.ts";

export interface Trial {
  readonly placed: number;
  readonly taken: number;
  readonly order: Order;
  readonly classes: ReadonlySet<PodClass>;
}

export interface Choice {
  readonly packer: Packer;
  readonly classes: readonly PodClass[];
  /** All nodes at hand, of whatever pool. */
  readonly atHand: () => readonly PackNode[];
  /** Whether pods of higher priority come before larger ones, since there is not enough for all. */
  readonly byPriority: boolean;
}

const wholeOf = ({ buckets }: Supply): Vector => {
  const fresh = buckets.flatMap((bucket) => nextNode(bucket)?.free ?? []);
  return largest(fresh, fresh[0]?.length ?? 0);
};

const orderFor = ({ packer, classes, byPriority }: Choice, supply: Supply, order: Order): readonly PodClass[] => {
  const open = classes.filter((pods) => packer.journal.left(pods) > 0);
  const sorted = largestFirst(open, supply.pool.wanted, wholeOf(supply), order);
  return byPriority ? importantFirst(sorted) : sorted;
};

const run = (choice: Choice, supply: Supply, order: Order): Trial => {
  const { journal } = choice.packer;
  const mark = journal.mark();
  packInto(choice.packer, supply, choice.atHand(), orderFor(choice, supply, order));
  return { ...journal.since(mark), order };
};

/** More pods placed, else fewer nodes for them. */
const isBetter = (one: Trial, other: Trial): boolean =>
  one.placed > other.placed || (one.placed === other.placed && one.taken < other.taken);

/** What the pool would do, leaving everything as it was. */
const attempt = (choice: Choice, supply: Supply): Trial => {
  const { journal } = choice.packer;
  const mark = journal.mark();
  const first = run(choice, supply, "byLargestShare");
  journal.backTo(mark);
  // With one class there is but one order, and fewer than one node is none.
  if (first.classes.size < 2 || first.taken < 2) return first;
  const second = run(choice, supply, "byAllShares");
  journal.backTo(mark);
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
    const { classes } = run(choice, chosen.supply, chosen.trial.order);
    trials = trials
      .filter(({ supply }) => supply !== chosen.supply)
      .map(({ supply, trial }) => {
        const isTouched = [...trial.classes].some((pods) => classes.has(pods));
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
