/** The order in which pod groups are placed. */

import { shares, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";

export type Order = "byLargestShare" | "byAllShares";

/**
 * Largest first, by the share of an empty node's allocatable that a pod requests: the share of the resource it requests most of, or the sum
 * over all resources. Neither order is always better.
 */
export const largestFirst = (
  groups: readonly PodGroup[],
  requests: (group: PodGroup) => Vector,
  allocatable: Vector,
  order: Order,
): readonly PodGroup[] =>
  groups
    .map((group) => ({ group, share: shares(requests(group), allocatable) }))
    .sort(({ share: one }, { share: other }) =>
      order === "byLargestShare"
        ? other.max - one.max || other.sum - one.sum
        : other.sum - one.sum || other.max - one.max,
    )
    .map(({ group }) => group);

/** Highest priority first; keeps the order among equal priorities. */
export const highestPriorityFirst = (groups: readonly PodGroup[]): readonly PodGroup[] =>
  groups.toSorted((one, other) => other.priority - one.priority);
