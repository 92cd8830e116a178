/** The nodes of all pools that may have room for more pods: those in flight, and those that have been selected. */
import type { CandidateSource } from "./candidates.ts";
import { createFreeIndex } from "./free-index.ts";
import type { PackNode, PackPool } from "./pack-node.ts";

/** Valid until nodes are selected or anything is rolled back to before it was made, except that the pool that is packed may select nodes. */
export interface AvailableNodes {
  /** Without the selected nodes of the pool that is packed. */
  for(own: PackPool): readonly CandidateSource[];
}

/** For pods without topology rules. */
export const NO_AVAILABLE_NODES: AvailableNodes = { for: () => [] };

export const createAvailableNodes = (pools: readonly PackPool[]): AvailableNodes => {
  const nodes: PackNode[] = [];
  const selected = new Map<PackPool, { readonly skipFrom: number; readonly skipTo: number }>();
  for (const pool of pools) {
    nodes.push(...pool.inFlight);
    selected.set(pool, { skipFrom: nodes.length, skipTo: nodes.length + pool.selectedNodes.length });
    nodes.push(...pool.selectedNodes);
  }
  const index = createFreeIndex(nodes, true);
  return { for: (own) => [{ index, ...selected.get(own) }] };
};
