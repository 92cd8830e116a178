/** Amounts as arrays over the few resources that somebody asks for, which is what packing counts with. */

import type { PodRequest } from "./pod-request.ts";
import { type Amounts, PODS } from "./resource-amount.ts";

/** One number for each resource asked for, in the order of `names`. */
export type Vector = Float64Array;

/** The name under which volumes to be attached are counted beside resources. */
export const attachedVolumes = (driver: string): string => `volumes of ${driver}`;
const DRIVER = /^volumes of (.*)$/;

export interface Vectors {
  readonly names: readonly string[];
  /** What a pod takes; `defaults` if it asks for nothing. */
  ofPod(request: PodRequest, attached: Readonly<Record<string, number>>, defaults?: Amounts): Vector;
  /** What a node has; of one of which nothing is known, room for a single pod that may ask for anything. */
  ofNode(allocatable: Amounts | undefined, attachLimits: Readonly<Record<string, number>>): Vector;
}

export const createVectors = (asked: Iterable<string>): Vectors => {
  // Last, as it is the last thing for which there is no room.
  const names = [...new Set([...asked, PODS])];
  const indexes = new Map(names.map((name, index) => [name, index]));
  const drivers = names.map((name) => DRIVER.exec(name)?.[1]);

  const addTo = (vector: Vector, name: string, amount: number): void => {
    const index = indexes.get(name);
    if (index !== undefined) vector[index] = (vector[index] ?? 0) + amount;
  };

  return {
    names,
    ofPod: ({ asked: own, overhead }, attached, defaults) => {
      const vector = new Float64Array(names.length);
      for (const amounts of [own ?? defaults ?? [], overhead]) {
        for (const [name, amount] of amounts) addTo(vector, name, amount);
      }
      for (const [driver, count] of Object.entries(attached)) addTo(vector, attachedVolumes(driver), count);
      addTo(vector, PODS, 1);
      return vector;
    },
    ofNode: (allocatable, attachLimits) =>
      Float64Array.from(names, (name, index) => {
        const driver = drivers[index];
        if (driver !== undefined) return attachLimits[driver] ?? Number.POSITIVE_INFINITY;
        if (allocatable) return allocatable.get(name) ?? 0;
        return name === PODS ? 1 : Number.POSITIVE_INFINITY;
      }),
  };
};

export const subtract = (free: Vector, wanted: Vector, count: number): void => {
  for (let index = 0; index < free.length; index += 1) {
    free[index] = (free[index] ?? 0) - (wanted[index] ?? 0) * count;
  }
};

export const fits = (free: Vector, wanted: Vector): boolean => {
  for (let index = 0; index < free.length; index += 1) {
    const each = wanted[index] ?? 0;
    if (each > 0 && each > (free[index] ?? 0)) return false;
  }
  return true;
};

/** How many such pods fit. */
export const fitCount = (free: Vector, wanted: Vector): number => {
  if (!fits(free, wanted)) return 0;
  let most = Number.POSITIVE_INFINITY;
  for (let index = 0; index < free.length; index += 1) {
    const each = wanted[index] ?? 0;
    if (each <= 0) continue;
    const room = free[index] ?? 0;
    let count = Math.floor(room / each);
    // The quotient of two whole numbers can be rounded up to the next one.
    if (count * each > room) count -= 1;
    if (count < most) most = count;
  }
  return most;
};

/** What the wanted takes of the whole: of the resource of which it takes most, and of all together. */
export const shares = (wanted: Vector, whole: Vector): { readonly most: number; readonly sum: number } => {
  let most = 0;
  let sum = 0;
  for (let index = 0; index < wanted.length; index += 1) {
    const each = wanted[index] ?? 0;
    if (each <= 0) continue;
    const share = each / (whole[index] ?? 0);
    if (share > most) most = share;
    sum += share;
  }
  return { most, sum };
};

/** For each resource the most that one of them has. */
export const largest = (all: readonly Vector[], length: number): Vector =>
  Float64Array.from({ length }, (_, index) => all.reduce((most, vector) => Math.max(most, vector[index] ?? 0), 0));
