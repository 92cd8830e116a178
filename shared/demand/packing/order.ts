/** In which order classes of pods are placed. */

import { shares, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";

export type Order = "byLargestShare" | "byAllShares";

/**
 * Largest first, by what the pods take of a whole node: of the resource of which they take most, or of all resources together.
 * Neither is always the better one.
 */
export const largestFirst = (
  groups: readonly PodGroup[],
  requests: (pods: PodGroup) => Vector,
  allocatable: Vector,
  order: Order,
): readonly PodGroup[] =>
  groups
    .map((pods) => ({ pods, share: shares(requests(pods), allocatable) }))
    .sort(({ share: one }, { share: other }) =>
      order === "byLargestShare"
        ? other.most - one.most || other.sum - one.sum
        : other.sum - one.sum || other.most - one.most,
    )
    .map(({ pods }) => pods);

/** The sort keeps the order among equals. */
export const importantFirst = (groups: readonly PodGroup[]): readonly PodGroup[] =>
  groups.toSorted((one, other) => other.priority - one.priority);
