/** Fills nodes with pods, one group after another: first the room of nodes that are available, then one more node at a time. */
import type { PodGroup } from "../pod-groups.ts";
import type { Topology } from "../topology/topology.ts";
import { type Bucket, nextNode, type PackNode, type PackPool, roomFor } from "./pack-node.ts";
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
  if (undoLog.remaining(group) === 0 || roomFor(node, group) === 0) return;
  if (node.kind.equivalenceGroup.unschedulableReason(group) !== undefined) return;
  if (!topology.unschedulableReason(group, node)?.permanent) undoLog.place(group, node, 1);
};

/** For pods without topology rules: places as many at a time as fit on each node. */
const fillAtOnce = ({ undoLog }: Packer, group: PodGroup, nodes: readonly PackNode[]): void => {
  for (const node of nodes) {
    const left = undoLog.remaining(group);
    if (left === 0) return;
    const room = roomFor(node, group);
    if (room > 0 && node.kind.equivalenceGroup.unschedulableReason(group) === undefined)
      undoLog.place(group, node, Math.min(room, left));
  }
};

/** Nodes that could take pods of the group, topology rules aside. */
const candidateNodes = (group: PodGroup, nodes: readonly PackNode[]): PackNode[] =>
  nodes.filter(
    (node) => roomFor(node, group) > 0 && node.kind.equivalenceGroup.unschedulableReason(group) === undefined,
  );

/**
 * For pods with topology rules: each placed pod can change where the next one may go. The search continues at the node that took the last
 * pod, since the nodes before it have just been ruled out. Removes nodes from `candidates` that are full or ruled out permanently.
 */
const fillOneByOne = ({ undoLog, topology }: Packer, group: PodGroup, candidates: PackNode[]): void => {
  let missesInARow = 0;
  for (let index = 0; undoLog.remaining(group) > 0 && missesInARow < candidates.length; ) {
    index %= candidates.length;
    const node = candidates[index];
    if (!node) return;
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
    if (reason || roomFor(node, group) === 0) candidates.splice(index, 1);
  }
};

const fill = (packer: Packer, group: PodGroup, nodes: readonly PackNode[]): void =>
  packer.topology.constrains(group)
    ? fillOneByOne(packer, group, candidateNodes(group, nodes))
    : fillAtOnce(packer, group, nodes);

const nodesLeft = ({ maxNodes, selectedCount }: Bucket): number => maxNodes - selectedCount;

/**
 * Buckets whose next node can take pods of the group: by rank, then by how many of the pods the node takes, then by how many nodes are left,
 * so that zones are used evenly.
 */
const suitableBuckets = ({ undoLog }: Packer, group: PodGroup, buckets: readonly Bucket[]): readonly Bucket[] => {
  const remaining = undoLog.remaining(group);
  return buckets
    .flatMap((bucket) => {
      const node = nextNode(bucket);
      if (!node || node.kind.equivalenceGroup.unschedulableReason(group) !== undefined) return [];
      const room = Math.min(remaining, roomFor(node, group));
      return room > 0 ? [{ bucket, room }] : [];
    })
    .sort(
      (one, other) =>
        one.bucket.rank - other.bucket.rank || other.room - one.room || nodesLeft(other.bucket) - nodesLeft(one.bucket),
    )
    .map(({ bucket }) => bucket);
};

/** Selects a node and places at least one pod of the group on it; undefined if no bucket has such a node. */
const selectNodeFor = (packer: Packer, group: PodGroup, buckets: readonly Bucket[]): PackNode | undefined => {
  const { undoLog } = packer;
  for (const bucket of suitableBuckets(packer, group, buckets)) {
    const savepoint = undoLog.savepoint();
    const remaining = undoLog.remaining(group);
    const node = undoLog.selectNode(bucket);
    if (node) fill(packer, group, [node]);
    if (undoLog.remaining(group) < remaining) return node;
    undoLog.rollbackTo(savepoint);
  }
  return undefined;
};

/** Places pods on these nodes only; selects none. */
export const packOn = (packer: Packer, nodes: readonly PackNode[], order: readonly PodGroup[]): void => {
  for (const group of order) fill(packer, group, nodes);
};

/** What a pool can still give: up to `maxNodes` nodes from these buckets. */
export interface Supply {
  readonly pool: PackPool;
  readonly buckets: readonly Bucket[];
  readonly maxNodes: number;
}

/** For pods without topology rules. Available nodes need no second look: they have been filled before. */
const packAtOnce = (packer: Packer, { pool, buckets, maxNodes }: Supply, group: PodGroup): void => {
  const end = pool.selectedNodes.length + maxNodes;
  fillAtOnce(packer, group, pool.selectedNodes);
  while (packer.undoLog.remaining(group) > 0 && pool.selectedNodes.length < end) {
    if (!selectNodeFor(packer, group, buckets)) return;
  }
};

/** For pods with topology rules. One more node can let other nodes take pods again that an even spread ruled out before. */
const packOneByOne = (
  packer: Packer,
  { pool, buckets, maxNodes }: Supply,
  availableNodes: readonly PackNode[],
  group: PodGroup,
): void => {
  const end = pool.selectedNodes.length + maxNodes;
  const candidates = [...candidateNodes(group, availableNodes), ...candidateNodes(group, pool.selectedNodes)];
  fillOneByOne(packer, group, candidates);
  while (packer.undoLog.remaining(group) > 0 && pool.selectedNodes.length < end) {
    const node = selectNodeFor(packer, group, buckets);
    if (!node) return;
    if (roomFor(node, group) > 0) candidates.push(node);
    fillOneByOne(packer, group, candidates);
  }
};

/**
 * Selects nodes of the pool for pods that do not fit on its selected nodes or on `availableNodes`. Pods with affinity may have to wait until
 * the pods that they follow are placed, so there are more rounds as long as one places anything.
 */
export const packInto = (
  packer: Packer,
  supply: Supply,
  availableNodes: readonly PackNode[],
  order: readonly PodGroup[],
): void => {
  const { undoLog, topology } = packer;
  const end = supply.pool.selectedNodes.length + supply.maxNodes;
  let waiting = order;
  for (let round = 0; round < order.length; round += 1) {
    const savepoint = undoLog.savepoint();
    for (const group of waiting) {
      const rest = { ...supply, maxNodes: end - supply.pool.selectedNodes.length };
      if (topology.constrains(group)) packOneByOne(packer, rest, availableNodes, group);
      else packAtOnce(packer, rest, group);
    }
    waiting = waiting.filter((group) => undoLog.remaining(group) > 0 && topology.constrains(group));
    if (waiting.length === 0 || undoLog.savepoint() === savepoint) return;
  }
};
