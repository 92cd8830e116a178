/** The order in which pod groups are placed. */

import { shares, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";

export type Order = "byLargestShare" | "byAllShares";

export interface Ordering {
  readonly requests: (group: PodGroup) => Vector;
  readonly allocatable: Vector;
  readonly order: Order;
  /** Whether to place pods of higher priority before larger ones, because there are not enough nodes for all. */
  readonly byPriority: boolean;
}

/** All groups in an order. */
export type Orders = (ordering: Ordering) => readonly PodGroup[];

/**
 * Largest first, by the share of an empty node's allocatable that a pod requests: the share of the resource it requests most of, or the sum
 * over all resources. Neither order is always better.
 */
const largestFirst = (groups: readonly PodGroup[], { requests, allocatable, order }: Ordering): readonly PodGroup[] =>
  groups
    .map((group) => ({ group, share: shares(requests(group), allocatable) }))
    .sort(({ share: one }, { share: other }) =>
      order === "byLargestShare"
        ? other.max - one.max || other.sum - one.sum
        : other.sum - one.sum || other.max - one.max,
    )
    .map(({ group }) => group);

/** Keeps the order among equal priorities. */
const highestPriorityFirst = (groups: readonly PodGroup[]): readonly PodGroup[] =>
  groups.toSorted((one, other) => other.priority - one.priority);

/** Sorts once for all pools with equal defaults and equal nodes. */
export const createOrders = (groups: readonly PodGroup[]): Orders => {
  const sorted = new Map<Ordering["requests"], Map<string, readonly PodGroup[]>>();
  return (ordering) => {
    const { requests, allocatable, order, byPriority } = ordering;
    const byKey = sorted.get(requests) ?? new Map<string, readonly PodGroup[]>();
    sorted.set(requests, byKey);
    const key = `${order} ${byPriority} ${allocatable.join()}`;
    const known = byKey.get(key);
    if (known) return known;
    const largest = largestFirst(groups, ordering);
    const result = byPriority ? highestPriorityFirst(largest) : largest;
    byKey.set(key, result);
    return result;
  };
};
