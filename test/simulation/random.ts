/** Independent streams of seeded values: what one part of a world draws does not change what another part draws. */
import { seededRandom } from "../../local/environment/random.ts";

export type Random = () => number;

/** FNV-1a. */
const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return hash >>> 0;
};

export const streamOf = (seed: number, name: string): Random => seededRandom(hashOf(`${seed} ${name}`));

export const between = (random: Random, min: number, max: number): number => min + random() * (max - min);
export const integer = (random: Random, min: number, max: number): number => Math.floor(between(random, min, max + 1));
export const chance = (random: Random, probability: number): boolean => random() < probability;

/** Undefined if there is nothing to choose from. */
export const choose = <T>(random: Random, items: readonly T[]): T | undefined =>
  items[Math.floor(random() * items.length)];
