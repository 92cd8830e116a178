/** Fills nodes with pods, one group after another: first the room of nodes that are available, then one more node at a time. */
import type { PodGroup } from "../pod-groups.ts";
import type { Topology } from "../topology/topology.ts";
import type { AvailableNodes } from "./available-nodes.ts";
import { type Candidates, candidatesOf, findCandidates } from "./candidates.ts";
import { createFreeIndex, type FreeIndex } from "./free-index.ts";
import { type Bucket, canTake, nextNode, type PackNode, type PackPool, roomFor } from "./pack-node.ts";
import type { UndoLog } from "./undo-log.ts";

export interface Packer {
  readonly undoLog: UndoLog;
  readonly topology: Topology;
}

/**
 * Places a pod of the group on the node that it was placed on before, if it still fits there. Rules that depend on the order in which pods are placed
 * were met then.
 */
export const placeAgain = ({ undoLog, topology }: Packer, group: PodGroup, node: PackNode): void => {
  if (undoLog.remaining(group) === 0 || !canTake(node, group)) return;
  if (!topology.unschedulableReason(group, node)?.permanent) undoLog.place(group, node, 1);
};

/** For pods without topology rules: places as many at a time as fit on each node. */
const fillAtOnce = ({ undoLog }: Packer, group: PodGroup, nodes: FreeIndex): void => {
  for (let at = nodes.firstFor(group, 0); at >= 0; at = nodes.firstFor(group, at + 1)) {
    const node = nodes.nodes[at];
    if (!node) return;
    const room = roomFor(node, group);
    if (room === 0 || !node.kind.admits(group)) continue;
    const left = undoLog.remaining(group);
    undoLog.place(group, node, Math.min(room, left));
    if (room >= left) return;
  }
};

/**
 * For pods with topology rules: each placed pod can change where the next one may go. The search continues at the node that took the last
 * pod, since the nodes before it have just been ruled out. Removes nodes from `candidates` that are full or ruled out permanently.
 */
const fillOneByOne = ({ undoLog, topology }: Packer, group: PodGroup, candidates: Candidates): void => {
  let missesInARow = 0;
  /** Of the list, as far as that is known. */
  let length = Number.POSITIVE_INFINITY;
  for (let index = 0; undoLog.remaining(group) > 0 && missesInARow < length; ) {
    const node = candidates.at(index);
    if (!node) {
      length = index;
      index = 0;
      continue;
    }
    const reason = topology.unschedulableReason(group, node);
    if (reason && !reason.permanent) {
      missesInARow += 1;
      index += 1;
      continue;
    }
    if (!reason) {
      undoLog.place(group, node, 1);
      missesInARow = 0;
    }
    if (reason || roomFor(node, group) === 0) {
      candidates.removeAt(index);
      length -= 1;
    }
  }
};

export const nodesLeft = ({ maxNodes, selectedCount }: Bucket): number => maxNodes - selectedCount;

/** A bucket whose next node can take pods of a group, and how many. */
interface SuitableBucket {
  readonly bucket: Bucket;
  readonly room: number;
}

/** By rank, then by how many of the pods the node takes, then by how many nodes are left, so that zones are used evenly. */
const byPreference = (one: SuitableBucket, other: SuitableBucket): number =>
  one.bucket.rank - other.bucket.rank || other.room - one.room || nodesLeft(other.bucket) - nodesLeft(one.bucket);

const suitableBuckets = ({ undoLog }: Packer, group: PodGroup, buckets: readonly Bucket[]): SuitableBucket[] => {
  const suitable: SuitableBucket[] = [];
  const remaining = undoLog.remaining(group);
  for (const bucket of buckets) {
    const node = nextNode(bucket);
    if (node && canTake(node, group)) suitable.push({ bucket, room: Math.min(remaining, roomFor(node, group)) });
  }
  return suitable.sort(byPreference);
};

/** Selects a node and places at least one pod of the group on it; undefined if no bucket has such a node. */
const selectNodeFor = (packer: Packer, group: PodGroup, buckets: readonly Bucket[]): PackNode | undefined => {
  const { undoLog } = packer;
  for (const { bucket, room } of suitableBuckets(packer, group, buckets)) {
    const savepoint = undoLog.savepoint();
    const remaining = undoLog.remaining(group);
    const node = undoLog.selectNode(bucket);
    if (node && packer.topology.constrains(group)) fillOneByOne(packer, group, candidatesOf(node));
    else if (node) undoLog.place(group, node, room);
    if (undoLog.remaining(group) < remaining) return node;
    undoLog.rollbackTo(savepoint);
  }
  return undefined;
};

/** Places pods on these nodes only; selects none. */
export const packOn = (packer: Packer, nodes: readonly PackNode[], order: readonly PodGroup[]): void => {
  const index = createFreeIndex(nodes);
  for (const group of order) {
    if (packer.undoLog.remaining(group) === 0) continue;
    if (packer.topology.constrains(group)) fillOneByOne(packer, group, findCandidates(group, [{ index }]));
    else fillAtOnce(packer, group, index);
  }
};

/** What a pool can still give: up to `maxNodes` nodes from these buckets. */
export interface Supply {
  readonly pool: PackPool;
  readonly buckets: readonly Bucket[];
  readonly maxNodes: number;
}

/** A supply while it is being packed. */
interface OpenSupply extends Supply {
  /** The selected nodes of the pool. */
  readonly selected: FreeIndex;
  /** How many nodes the pool may have selected at most. */
  readonly maxSelected: number;
}

const openSupply = (supply: Supply): OpenSupply => {
  const { selectedNodes } = supply.pool;
  const left = supply.buckets.reduce((sum, bucket) => sum + nodesLeft(bucket), 0);
  return {
    ...supply,
    selected: createFreeIndex(selectedNodes),
    maxSelected: selectedNodes.length + Math.min(supply.maxNodes, left),
  };
};

/** For pods without topology rules. Available nodes need no second look: they have been filled before. */
const packAtOnce = (packer: Packer, { buckets, selected, maxSelected }: OpenSupply, group: PodGroup): void => {
  fillAtOnce(packer, group, selected);
  while (packer.undoLog.remaining(group) > 0 && selected.nodes.length < maxSelected) {
    const node = selectNodeFor(packer, group, buckets);
    if (!node) return;
    selected.push(node);
  }
};

/** For pods with topology rules. One more node can let other nodes take pods again that an even spread ruled out before. */
const packOneByOne = (packer: Packer, supply: OpenSupply, available: AvailableNodes, group: PodGroup): void => {
  const { pool, buckets, selected, maxSelected } = supply;
  const candidates = findCandidates(group, [...available.for(pool), { index: selected }]);
  fillOneByOne(packer, group, candidates);
  while (packer.undoLog.remaining(group) > 0 && selected.nodes.length < maxSelected) {
    const node = selectNodeFor(packer, group, buckets);
    if (!node) return;
    selected.push(node);
    if (roomFor(node, group) > 0) candidates.push(node);
    fillOneByOne(packer, group, candidates);
  }
};

/**
 * Selects nodes of the pool for pods that do not fit on its selected nodes or on available ones. Pods with affinity may have to wait until
 * the pods that they follow are placed, so there are more rounds as long as one places anything.
 */
export const packInto = (
  packer: Packer,
  supply: Supply,
  available: AvailableNodes,
  order: readonly PodGroup[],
): void => {
  const { undoLog, topology } = packer;
  const open = openSupply(supply);
  let waiting = order;
  for (let round = 0; round < order.length; round += 1) {
    const savepoint = undoLog.savepoint();
    for (const group of waiting) {
      if (undoLog.remaining(group) === 0) continue;
      if (topology.constrains(group)) packOneByOne(packer, open, available, group);
      else packAtOnce(packer, open, group);
    }
    waiting = waiting.filter((group) => undoLog.remaining(group) > 0 && topology.constrains(group));
    if (waiting.length === 0 || undoLog.savepoint() === savepoint) return;
  }
};
