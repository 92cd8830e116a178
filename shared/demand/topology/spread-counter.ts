/** The pods that a topology spread constraint counts, and how far from even they are. */
import type { NodeDomains } from "./domains.ts";

export interface SpreadCounter {
  /** Whether one more pod in the node's place keeps within `maxSkew`; undefined if the node is in no place. */
  allows(node: NodeDomains): boolean | undefined;
  add(node: NodeDomains, count: number): void;
  /** A node that pods could go to makes its place one that counts; -1 takes it away again. */
  addNode(node: NodeDomains, count: 1 | -1): void;
}

export interface SpreadRule {
  readonly keyIndex: number;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Whether the pod that is placed is counted itself. */
  readonly countsItself: boolean;
}

/** Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/podtopologyspread, filtering.go. */
export const createSpreadCounter = ({ keyIndex, maxSkew, minDomains, countsItself }: SpreadRule): SpreadCounter => {
  const counts: number[] = [];
  const nodes: number[] = [];
  let fewest: number | undefined;

  const findFewest = (): number => {
    let domains = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let place = 0; place < nodes.length; place += 1) {
      if (!nodes[place]) continue;
      domains += 1;
      least = Math.min(least, counts[place] ?? 0);
    }
    return domains < minDomains || domains === 0 ? 0 : least;
  };

  const placeOf = (node: NodeDomains): number => node[keyIndex] ?? -1;

  return {
    allows: (node) => {
      const place = placeOf(node);
      if (place < 0) return undefined;
      fewest ??= findFewest();
      return (counts[place] ?? 0) + (countsItself ? 1 : 0) - fewest <= maxSkew;
    },
    add: (node, count) => {
      const place = placeOf(node);
      if (place < 0) return;
      const before = counts[place] ?? 0;
      counts[place] = before + count;
      // Above the fewest, more pods change nothing.
      if (count < 0 || before === fewest) fewest = undefined;
    },
    addNode: (node, count) => {
      const place = placeOf(node);
      if (place < 0) return;
      // Places are numbered in the order in which they were met, so that there may be gaps for a while.
      while (nodes.length <= place) nodes.push(0);
      nodes[place] = (nodes[place] ?? 0) + count;
      fewest = undefined;
    },
  };
};
