/** Counts pods per topology domain. */
import type { NodeDomains } from "./domains.ts";

export interface Counter {
  /** The count over all domains. */
  total(): number;
  /** The count in the node's domain; undefined if the node lacks the topology key's label. */
  countAt(node: NodeDomains): number | undefined;
  add(node: NodeDomains, count: number): void;
}

/** `keyIndex` is the index of the topology key, see TopologyDomains. */
export const createCounter = (keyIndex: number): Counter => {
  const counts: number[] = [];
  let total = 0;
  return {
    total: () => total,
    countAt: (node) => {
      const domain = node[keyIndex] ?? -1;
      return domain < 0 ? undefined : (counts[domain] ?? 0);
    },
    add: (node, count) => {
      const domain = node[keyIndex] ?? -1;
      if (domain < 0) return;
      counts[domain] = (counts[domain] ?? 0) + count;
      total += count;
    },
  };
};
