/** Counts the pods of a topology spread constraint per domain, and checks the skew. */
import type { NodeDomains } from "./domains.ts";

export interface SpreadCounter {
  /** Whether one more pod in the node's domain stays within `maxSkew`; undefined if the node lacks the topology key's label. */
  allows(node: NodeDomains): boolean | undefined;
  add(node: NodeDomains, count: number): void;
  /** Adds a node that the pods could run on: its domain becomes eligible. -1 removes it again. */
  addNode(node: NodeDomains, count: 1 | -1): void;
}

export interface SpreadRule {
  readonly keyIndex: number;
  readonly maxSkew: number;
  readonly minDomains: number;
  /** Whether the constraint's selector matches the pods that have the constraint. */
  readonly countsItself: boolean;
}

/** Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/podtopologyspread, filtering.go. */
export const createSpreadCounter = ({ keyIndex, maxSkew, minDomains, countsItself }: SpreadRule): SpreadCounter => {
  const counts: number[] = [];
  const nodes: number[] = [];
  let globalMinimum: number | undefined;

  const findGlobalMinimum = (): number => {
    let eligible = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let domain = 0; domain < nodes.length; domain += 1) {
      if (!nodes[domain]) continue;
      eligible += 1;
      least = Math.min(least, counts[domain] ?? 0);
    }
    return eligible < minDomains || eligible === 0 ? 0 : least;
  };

  const domainOf = (node: NodeDomains): number => node[keyIndex] ?? -1;

  return {
    allows: (node) => {
      const domain = domainOf(node);
      if (domain < 0) return undefined;
      globalMinimum ??= findGlobalMinimum();
      return (counts[domain] ?? 0) + (countsItself ? 1 : 0) - globalMinimum <= maxSkew;
    },
    add: (node, count) => {
      const domain = domainOf(node);
      if (domain < 0) return;
      const before = counts[domain] ?? 0;
      counts[domain] = before + count;
      // Adding pods above the minimum does not change it.
      if (count < 0 || before === globalMinimum) globalMinimum = undefined;
    },
    addNode: (node, count) => {
      const domain = domainOf(node);
      if (domain < 0) return;
      // Domains are numbered as they are first seen, so lower numbers may not have been added here yet.
      while (nodes.length <= domain) nodes.push(0);
      nodes[domain] = (nodes[domain] ?? 0) + count;
      globalMinimum = undefined;
    },
  };
};
