/** Places pods and takes nodes, and can undo it, so that pools can be tried. */

import { subtract } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { Topology } from "../topology/topology.ts";
import type { Bucket, PackNode } from "./pack-node.ts";

export interface Placement {
  readonly pods: PodGroup;
  readonly node: PackNode;
  readonly count: number;
}

export interface UndoLog {
  /** How many pods of the class have no place yet. */
  left(pods: PodGroup): number;
  place(pods: PodGroup, node: PackNode, count: number): void;
  /** The bucket's next node; undefined if there is none. */
  takeNode(bucket: Bucket): PackNode | undefined;
  /** A point to go back to. */
  savepoint(): number;
  /** Undoes everything since. */
  rollbackTo(mark: number): void;
  /** Those that stand, in the order in which they were made. */
  placementsSince(mark: number): readonly Placement[];
}

type Entry =
  | (Placement & { readonly kind: "placed" })
  | { readonly kind: "taken"; readonly bucket: Bucket; readonly node: PackNode };

export const createUndoLog = (groups: readonly PodGroup[], topology: Topology): UndoLog => {
  const left = groups.map(({ pods }) => pods.length);
  const entries: Entry[] = [];

  const change = (pods: PodGroup, node: PackNode, count: number): void => {
    left[pods.index] = (left[pods.index] ?? 0) - count;
    subtract(node.free, node.pool.requests(pods), count);
    topology.add(pods, node, count);
  };

  const undo = (entry: Entry): void => {
    if (entry.kind === "taken") {
      entry.bucket.taken -= 1;
      entry.node.pool.taken.pop();
      topology.addNode(entry.node, -1);
      return;
    }
    const { pods, node, count } = entry;
    change(pods, node, -count);
    node.ports.length -= pods.ports.length;
  };

  return {
    left: ({ index }) => left[index] ?? 0,
    place: (pods, node, count) => {
      change(pods, node, count);
      node.ports.push(...pods.ports);
      entries.push({ kind: "placed", pods, node, count });
    },
    takeNode: (bucket) => {
      if (bucket.taken >= bucket.most) return undefined;
      const made = bucket.nodes[bucket.taken] ?? bucket.launch?.make();
      if (!made) return undefined;
      bucket.nodes[bucket.taken] = made;
      bucket.taken += 1;
      made.pool.taken.push(made);
      topology.addNode(made, 1);
      entries.push({ kind: "taken", bucket, node: made });
      return made;
    },
    savepoint: () => entries.length,
    rollbackTo: (mark) => {
      for (const entry of entries.splice(mark).reverse()) undo(entry);
    },
    placementsSince: (mark) => entries.slice(mark).filter((entry) => entry.kind === "placed"),
  };
};
