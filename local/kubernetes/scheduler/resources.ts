import type { ResourceList } from "../objects/objects.ts";
import { readQuantity } from "./quantity.ts";

/** Amounts by resource name: CPU in millicores, other resources in bytes or units. A missing resource is 0. */
export type Resources = ReadonlyMap<string, number>;

/** The resource name for the number of pods in a node's `allocatable`. */
export const PODS = "pods";

export const toResources = (list: ResourceList | undefined): Map<string, number> =>
  new Map(Object.entries(list ?? {}).map(([name, value]) => [name, readQuantity(value, name === "cpu" ? 1000 : 1)]));

export const addTo = (sum: Map<string, number>, amounts: Resources, sign: 1 | -1 = 1): void => {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + sign * amount);
};

export const raiseTo = (highest: Map<string, number>, amounts: Resources): void => {
  for (const [name, amount] of amounts) highest.set(name, Math.max(highest.get(name) ?? 0, amount));
};
