/** Gives pods their nodes: first the room that is there, then nodes that are asleep, then nodes to be launched. */

import { largest } from "../scheduling/resource-vector.ts";
import { type Explainer, reasonAgainst } from "./explain.ts";
import { packPools } from "./packing/choose-pools.ts";
import { importantFirst, largestFirst } from "./packing/order.ts";
import { packOn } from "./packing/pack.ts";
import type { PackNode, PackPool } from "./packing/pack-node.ts";
import type { Field } from "./packing/problem.ts";
import { createJournal, type Journal, type Placement } from "./packing/undo-log.ts";
import type { PodClass } from "./pod-groups.ts";

/** Pods of a class that standby did not serve, and the pools that could run them if they had more nodes. */
interface Shortage {
  readonly pods: PodClass;
  readonly count: number;
  readonly pools: readonly PackPool[];
}

export interface Allocation {
  readonly placements: readonly Placement[];
  readonly shortages: readonly Shortage[];
  /** Classes with pods that no pool can run, with what stands against them in each. */
  readonly unmatched: readonly {
    readonly pods: PodClass;
    readonly left: number;
    readonly reasons: readonly string[];
  }[];
}

interface Attempt extends Field {
  readonly journal: Journal;
  readonly classes: readonly PodClass[];
  readonly explainer: Explainer;
}

/** Largest first beside what a node has; which pool's defaults count for pods without requests makes no great difference here. */
const packHeld = ({ pools, topology, journal, classes }: Attempt, byPriority: boolean): void => {
  const held = pools.flatMap((pool) => pool.held);
  const [first] = pools;
  if (!first || held.length === 0) return;
  const whole = largest(
    held.map((node) => node.whole),
    held[0]?.whole.length ?? 0,
  );
  const sorted = largestFirst(classes, first.wanted, whole, "byLargestShare");
  packOn({ journal, topology }, held, byPriority ? importantFirst(sorted) : sorted);
};

const shortagesOf = ({ pools, journal, classes, explainer }: Attempt): readonly Shortage[] =>
  classes
    .filter((pods) => journal.left(pods) > 0)
    .map((pods) => ({
      pods,
      count: journal.left(pods),
      pools: pools.filter((pool) => reasonAgainst(pool, pods, explainer) === undefined),
    }));

const unmatchedOf = ({ pools, journal, classes, explainer }: Attempt): Allocation["unmatched"] =>
  classes
    .filter((pods) => journal.left(pods) > 0)
    .flatMap((pods) => {
      const reasons = pools.map((pool) => ({ pool, reason: reasonAgainst(pool, pods, explainer) }));
      if (reasons.some(({ reason }) => reason === undefined)) return [];
      return [
        { pods, left: journal.left(pods), reasons: reasons.map(({ pool, reason }) => `${pool.name}: ${reason}`) },
      ];
    });

const run = (attempt: Attempt, byPriority: boolean): Allocation => {
  const { pools, topology, journal, classes } = attempt;
  const atHand = (own: PackPool): readonly PackNode[] =>
    pools.flatMap((pool) => (pool === own ? pool.held : [...pool.held, ...pool.taken]));
  const choice = { packer: { journal, topology }, classes, atHand, byPriority };
  packHeld(attempt, byPriority);
  packPools(
    choice,
    pools.map((pool) => ({ pool, buckets: pool.standby, most: Number.POSITIVE_INFINITY })),
  );
  const shortages = shortagesOf(attempt);
  packPools(
    choice,
    pools.map((pool) => ({ pool, buckets: pool.launches, most: pool.mostLaunches })),
  );
  return { placements: journal.placementsSince(0), shortages, unmatched: unmatchedOf(attempt) };
};

/** How often the nodes that were taken are looked at again as being there from the start. */
const MOST_ROUNDS = 4;

/**
 * The scheduler will find all the nodes at once and spread pods over them, where here they were taken one after another, so that the
 * first ones got all they could hold. So it is done again, with these nodes there from the start, until no more are taken.
 */
const runEvenly = (attempt: Attempt, byPriority: boolean): Allocation => {
  const { pools, topology, journal } = attempt;
  for (let round = 1; ; round += 1) {
    const mark = journal.mark();
    const allocation = run(attempt, byPriority);
    if (round === MOST_ROUNDS || !topology.assume(pools.flatMap(({ taken }) => taken))) return allocation;
    journal.backTo(mark);
  }
};

/**
 * Largest pods first needs fewest nodes. Only where these do not suffice for all does priority decide, and the whole is done again
 * by it. Leaves the field's nodes taken.
 */
export const allocate = (field: Field, classes: readonly PodClass[]): Allocation => {
  const journal = createJournal(classes, field.topology);
  const explainer = { topology: field.topology, resources: field.resources };
  const attempt = { ...field, journal, classes, explainer };
  const allocation = runEvenly(attempt, false);
  const isEnough = classes.every((pods) => journal.left(pods) === 0);
  const priorities = new Set(classes.map(({ priority }) => priority));
  if (isEnough || priorities.size < 2) return allocation;
  journal.backTo(0);
  return runEvenly(attempt, true);
};
