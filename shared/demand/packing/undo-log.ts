/** Places pods and selects nodes, and can roll both back: packing tries pools before it chooses one. */

import { subtract } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { Topology } from "../topology/topology.ts";
import type { Bucket, PackNode } from "./pack-node.ts";

export interface Placement {
  readonly group: PodGroup;
  readonly node: PackNode;
  readonly count: number;
}

export interface UndoLog {
  /** How many pods of the group are not placed yet. */
  remaining(group: PodGroup): number;
  place(group: PodGroup, node: PackNode, count: number): void;
  /** Selects the bucket's next node; undefined if it is used up. */
  selectNode(bucket: Bucket): PackNode | undefined;
  /** A point to roll back to. */
  savepoint(): number;
  /** Undoes everything since the savepoint. */
  rollbackTo(savepoint: number): void;
  /** The placements since the savepoint that were not rolled back, in the order in which they were made. */
  placementsSince(savepoint: number): readonly Placement[];
}

type Entry =
  | (Placement & { readonly kind: "podsPlaced" })
  | { readonly kind: "nodeSelected"; readonly bucket: Bucket; readonly node: PackNode };

export const createUndoLog = (groups: readonly PodGroup[], topology: Topology): UndoLog => {
  const remaining = groups.map(({ pods }) => pods.length);
  const entries: Entry[] = [];

  const change = (group: PodGroup, node: PackNode, count: number): void => {
    remaining[group.index] = (remaining[group.index] ?? 0) - count;
    subtract(node.free, node.pool.requests(group), count);
    topology.add(group, node, count);
  };

  const undo = (entry: Entry): void => {
    if (entry.kind === "nodeSelected") {
      entry.bucket.selectedCount -= 1;
      entry.node.pool.selectedNodes.pop();
      topology.addNode(entry.node, -1);
      return;
    }
    const { group, node, count } = entry;
    change(group, node, -count);
    node.usedPorts.length -= group.ports.length;
  };

  return {
    remaining: ({ index }) => remaining[index] ?? 0,
    place: (group, node, count) => {
      change(group, node, count);
      node.usedPorts.push(...group.ports);
      entries.push({ kind: "podsPlaced", group, node, count });
    },
    selectNode: (bucket) => {
      if (bucket.selectedCount >= bucket.maxNodes) return undefined;
      const node = bucket.nodes[bucket.selectedCount] ?? bucket.launch?.make();
      if (!node) return undefined;
      bucket.nodes[bucket.selectedCount] = node;
      bucket.selectedCount += 1;
      node.pool.selectedNodes.push(node);
      topology.addNode(node, 1);
      entries.push({ kind: "nodeSelected", bucket, node });
      return node;
    },
    savepoint: () => entries.length,
    rollbackTo: (savepoint) => {
      while (entries.length > savepoint) {
        const entry = entries.pop();
        if (entry) undo(entry);
      }
    },
    placementsSince: (savepoint) => entries.slice(savepoint).filter((entry) => entry.kind === "podsPlaced"),
  };
};
