import { seededRandom } from "../../../local/environment/random.ts";

/** Choices; the same seed makes the same ones in the same order. */
export interface Chance {
  /** True in this share of cases. */
  happens(share: number): boolean;
  /** From `least` to `most`, both included. */
  count(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
}

export const createChance = (seed: number): Chance => {
  const random = seededRandom(seed);
  const count = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    happens: (share) => random() < share,
    count,
    pick: (from) => {
      const [picked] = from.slice(count(0, from.length - 1));
      if (picked === undefined) throw new Error("there is nothing to pick from");
      return picked;
    },
  };
};
