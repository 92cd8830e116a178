import type { ResourceList } from "../objects.ts";
import { readQuantity } from "./quantity.ts";

/** Amounts by resource name: CPU in thousandths of a core, the rest in bytes or pieces. What is absent is 0. */
export type Resources = ReadonlyMap<string, number>;

/** The name under which a node's `allocatable` counts pods. */
export const PODS = "pods";

export const toResources = (list: ResourceList | undefined): Map<string, number> =>
  new Map(Object.entries(list ?? {}).map(([name, value]) => [name, readQuantity(value, name === "cpu" ? 1000 : 1)]));

export const addTo = (sum: Map<string, number>, amounts: Resources, sign: 1 | -1 = 1): void => {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0) + sign * amount);
};

export const raiseTo = (highest: Map<string, number>, amounts: Resources): void => {
  for (const [name, amount] of amounts) highest.set(name, Math.max(highest.get(name) ?? 0, amount));
};
