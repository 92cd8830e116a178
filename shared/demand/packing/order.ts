/** In which order classes of pods are placed. */

import { shares, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodClass } from "../pod-groups.ts";

export type Order = "byLargestShare" | "byAllShares";

/**
 * Largest first, by what the pods take of a whole node: of the resource of which they take most, or of all resources together.
 * Neither is always the better one.
 */
export const largestFirst = (
  classes: readonly PodClass[],
  wanted: (pods: PodClass) => Vector,
  whole: Vector,
  order: Order,
): readonly PodClass[] =>
  classes
    .map((pods) => ({ pods, share: shares(wanted(pods), whole) }))
    .sort(({ share: one }, { share: other }) =>
      order === "byLargestShare"
        ? other.most - one.most || other.sum - one.sum
        : other.sum - one.sum || other.most - one.most,
    )
    .map(({ pods }) => pods);

/** The sort keeps the order among equals. */
export const importantFirst = (classes: readonly PodClass[]): readonly PodClass[] =>
  classes.toSorted((one, other) => other.priority - one.priority);
