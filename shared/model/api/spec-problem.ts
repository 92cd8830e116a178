import { poolSpecOf } from "./pool-spec.ts";
import { parseQuantity } from "./quantity.ts";
import type { NodePool } from "./types.ts";

/** Why the spec cannot be read, with the field; undefined if it can. The CRD refuses such specs, but not those that were stored before it did. */
export const specProblem = (pool: NodePool): string | undefined => {
  try {
    const { requests } = poolSpecOf(pool).scaleUp.defaultPodResources;
    for (const [name, quantity] of Object.entries(requests))
      parseQuantity(quantity, `spec.scaleUp.defaultPodResources.requests.${name}`);
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
};
