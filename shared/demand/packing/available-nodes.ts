/** The nodes of all pools that may have room for more pods: those in flight, and those that have been selected. */
import type { PodGroup } from "../pod-groups.ts";
import { createFreeIndex, type FreeIndex } from "./free-index.ts";
import { canTake, type PackNode, type PackPool } from "./pack-node.ts";

/** Valid until nodes are selected or anything is rolled back to before it was made, except that the pool that candidates are found for may select nodes. */
export interface AvailableNodes {
  /** Nodes that could take pods of the group, topology rules aside, without the selected nodes of the pool itself. */
  candidatesFor(group: PodGroup, own: PackPool): PackNode[];
}

/** For pods without topology rules. */
export const NO_AVAILABLE_NODES: AvailableNodes = { candidatesFor: () => [] };

/** Nodes that could take pods of the group, topology rules aside. Those at positions from `skipFrom` to before `skipTo` are left out. */
export const candidateNodes = (group: PodGroup, index: FreeIndex, skipFrom = 0, skipTo = skipFrom): PackNode[] => {
  const candidates: PackNode[] = [];
  for (let at = index.firstFor(group, 0); at >= 0; at = index.firstFor(group, at + 1)) {
    const node = index.nodes[at];
    if (node && (at < skipFrom || at >= skipTo) && canTake(node, group)) candidates.push(node);
  }
  return candidates;
};

export const createAvailableNodes = (pools: readonly PackPool[]): AvailableNodes => {
  const nodes: PackNode[] = [];
  const selected = new Map<PackPool, { readonly from: number; readonly to: number }>();
  for (const pool of pools) {
    nodes.push(...pool.inFlight);
    selected.set(pool, { from: nodes.length, to: nodes.length + pool.selectedNodes.length });
    nodes.push(...pool.selectedNodes);
  }
  const index = createFreeIndex(nodes, true);
  return {
    candidatesFor: (group, own) => {
      const { from, to } = selected.get(own) ?? { from: 0, to: 0 };
      return candidateNodes(group, index, from, to);
    },
  };
};
