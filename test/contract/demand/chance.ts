import { seededRandom } from "../../../local/environment/random.ts";

/** Random choices; the same seed gives the same choices in the same order. */
export interface Chance {
  /** True with this probability. */
  happens(probability: number): boolean;
  /** From `min` to `max`, inclusive. */
  count(min: number, max: number): number;
  pick<T>(from: readonly T[]): T;
}

export const createChance = (seed: number): Chance => {
  const random = seededRandom(seed);
  const count = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  return {
    happens: (probability) => random() < probability,
    count,
    pick: (from) => {
      const [picked] = from.slice(count(0, from.length - 1));
      if (picked === undefined) throw new Error("pick from an empty list");
      return picked;
    },
  };
};
