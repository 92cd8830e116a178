/** Amounts as arrays over the few resources that pods request: packing calculates with these. */

import type { PodRequest } from "./pod-request.ts";
import { type Amounts, NO_AMOUNTS, PODS } from "./resource-amount.ts";

/** One number per requested resource, in the order of `names`. */
export type Vector = Float64Array;

/** The name under which attached volumes count next to resources. */
export const attachedVolumes = (driver: string): string => `volumes of ${driver}`;
/** The resource name of devices of a class by dynamic resource allocation, where the class names no other (KEP-5004). */
export const DEVICES_OF = "deviceclass.resource.kubernetes.io/";
/** EC2 says which types have these, so an estimate that does not name them is of a type without. */
const ACCELERATOR = /^(?:nvidia\.com\/|aws\.amazon\.com\/neuron)/;
const DRIVER = /^volumes of (.*)$/;

export interface Vectors {
  readonly names: readonly string[];
  /** The requests of a pod; `defaults` apply if it has none. */
  ofPod(request: PodRequest, attached: Readonly<Record<string, number>>, defaults?: Amounts): Vector;
  /** What a node has. A node of unknown size has room for one pod, whatever it requests; an estimate has enough of what it does not name. */
  ofNode(
    size: { readonly amounts: Amounts; readonly isEstimate: boolean } | undefined,
    attachLimits: Readonly<Record<string, number>>,
  ): Vector;
}

/** `deviceResources`: others that an estimate would name if it had them. */
export const createVectors = (
  requestedNames: Iterable<string>,
  deviceResources: ReadonlySet<string> = new Set(),
): Vectors => {
  // `pods` comes last because it is usually the last limit that a node reaches.
  const names = [...new Set([...requestedNames, PODS])];
  const drivers = names.map((name) => DRIVER.exec(name)?.[1]);

  const isKnownToBeAbsent = (name: string): boolean =>
    ACCELERATOR.test(name) || name.startsWith(DEVICES_OF) || deviceResources.has(name);

  return {
    names,
    ofPod: ({ requests, overhead }, attached, defaults = NO_AMOUNTS) => {
      const own = requests ?? defaults;
      const vector = new Float64Array(names.length);
      for (let index = 0; index < names.length; index += 1) {
        const name = names[index] ?? "";
        const driver = drivers[index];
        const amount =
          driver === undefined ? (own.get(name) ?? 0) + (overhead.get(name) ?? 0) : (attached[driver] ?? 0);
        vector[index] = name === PODS ? amount + 1 : amount;
      }
      return vector;
    },
    ofNode: (size, attachLimits) =>
      Float64Array.from(names, (name, index) => {
        const driver = drivers[index];
        if (driver !== undefined) return attachLimits[driver] ?? Number.POSITIVE_INFINITY;
        if (size)
          return size.amounts.get(name) ?? (size.isEstimate && !isKnownToBeAbsent(name) ? Number.POSITIVE_INFINITY : 0);
        return name === PODS ? 1 : Number.POSITIVE_INFINITY;
      }),
  };
};

/** Subtracts `count` times the requests from `free`, in place. */
export const subtract = (free: Vector, requests: Vector, count: number): void => {
  for (let index = 0; index < free.length; index += 1) {
    free[index] = (free[index] ?? 0) - (requests[index] ?? 0) * count;
  }
};

/** Whether one pod with these requests fits. */
export const fits = (free: Vector, requests: Vector): boolean => {
  for (let index = 0; index < free.length; index += 1) {
    const each = requests[index] ?? 0;
    if (each > 0 && each > (free[index] ?? 0)) return false;
  }
  return true;
};

/** How many pods with these requests fit. */
export const fitCount = (free: Vector, requests: Vector): number => {
  if (!fits(free, requests)) return 0;
  let max = Number.POSITIVE_INFINITY;
  for (let index = 0; index < free.length; index += 1) {
    const each = requests[index] ?? 0;
    if (each <= 0) continue;
    const room = free[index] ?? 0;
    let count = Math.floor(room / each);
    // The quotient of two integers may have been rounded up to the next integer.
    if (count * each > room) count -= 1;
    if (count < max) max = count;
  }
  return max;
};

/** The requests as shares of `allocatable`: the largest share of any resource, and the sum of all shares. */
export const shares = (requests: Vector, allocatable: Vector): { readonly max: number; readonly sum: number } => {
  let max = 0;
  let sum = 0;
  for (let index = 0; index < requests.length; index += 1) {
    const each = requests[index] ?? 0;
    if (each <= 0) continue;
    const share = each / (allocatable[index] ?? 0);
    if (share > max) max = share;
    sum += share;
  }
  return { max, sum };
};

/** For each resource, the largest amount in any of the vectors. */
export const largest = (all: readonly Vector[], length: number): Vector =>
  Float64Array.from({ length }, (_, index) => all.reduce((max, vector) => Math.max(max, vector[index] ?? 0), 0));
