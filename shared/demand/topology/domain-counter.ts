/** How many pods of some kind there are in each place. */
import type { NodeDomains } from "./domains.ts";

export interface Counter {
  /** All that were counted, in whatever place. */
  total(): number;
  /** In the node's place; undefined if the node is in none. */
  at(node: NodeDomains): number | undefined;
  add(node: NodeDomains, count: number): void;
}

/** `keyIndex` is that of the topology key. */
export const createCounter = (keyIndex: number): Counter => {
  const counts: number[] = [];
  let total = 0;
  return {
    total: () => total,
    at: (node) => {
      const place = node[keyIndex] ?? -1;
      return place < 0 ? undefined : (counts[place] ?? 0);
    },
    add: (node, count) => {
      const place = node[keyIndex] ?? -1;
      if (place < 0) return;
      counts[place] = (counts[place] ?? 0) + count;
      total += count;
    },
  };
};
