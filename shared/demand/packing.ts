/** How many nodes a set of pods needs: first fit, largest pods first. */
import type { KubePod } from "../kube/objects.ts";
import { fits, type Resources, subtract } from "./resources.ts";

export interface SizedPod {
  readonly pod: KubePod;
  readonly wanted: Resources;
}

export interface Packing {
  /** For each of the offered new nodes that is needed, in order, the pods it is for. */
  readonly opened: readonly (readonly KubePod[])[];
  readonly unplaced: readonly KubePod[];
}

/** The resource of which the pod takes the greatest share of a new node decides how large it is. */
const share = (wanted: Resources, capacity: Resources): number =>
  Math.max(
    0,
    ...[...wanted].map(([name, value]) => {
      const whole = capacity.get(name) ?? 0n;
      return whole > 0n ? Number(value) / Number(whole) : Number.POSITIVE_INFINITY;
    }),
  );

/**
 * Places pods on `existing` room first and then on new nodes of the given capacity, at most `limit` of them. First-fit
 * decreasing: with one kind of node it opens a node only for a pod that no node at hand can take.
 */
export const pack = (
  pods: readonly SizedPod[],
  existing: readonly Resources[],
  capacity: Resources,
  limit: number,
): Packing => {
  const decreasing = pods.toSorted((one, other) => share(other.wanted, capacity) - share(one.wanted, capacity));
  const held = [...existing];
  const room: Resources[] = [];
  const opened: KubePod[][] = [];
  const unplaced: KubePod[] = [];
  for (const { pod, wanted } of decreasing) {
    const reuse = held.findIndex((free) => fits(wanted, free));
    if (reuse >= 0) {
      held[reuse] = subtract(held[reuse] ?? new Map(), wanted);
      continue;
    }
    let index = room.findIndex((free) => fits(wanted, free));
    if (index < 0 && room.length < limit && fits(wanted, capacity)) {
      index = room.push(capacity) - 1;
      opened.push([]);
    }
    const free = room[index];
    if (index < 0 || !free) {
      unplaced.push(pod);
      continue;
    }
    room[index] = subtract(free, wanted);
    opened[index]?.push(pod);
  }
  return { opened, unplaced };
};
