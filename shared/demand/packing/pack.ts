/** Fills nodes with pods, one class after another: first the room at hand, then a node more. */
import type { PodGroup } from "../pod-groups.ts";
import type { Topology } from "../topology/topology.ts";
import { type Bucket, nextNode, type PackNode, type PackPool, roomFor } from "./pack-node.ts";
import type { UndoLog } from "./undo-log.ts";

export interface Packer {
  readonly undoLog: UndoLog;
  readonly topology: Topology;
}

/** Pods that nothing but room keeps from a node go there as many at a time as fit. */
const fillAtOnce = ({ undoLog }: Packer, pods: PodGroup, nodes: readonly PackNode[]): void => {
  for (const node of nodes) {
    const left = undoLog.left(pods);
    if (left === 0) return;
    const room = roomFor(node, pods);
    if (room > 0 && node.group.unschedulableReason(pods) === undefined) undoLog.place(pods, node, Math.min(room, left));
  }
};

/** Nodes that could take pods of the class, if others did not stand in the way. */
const openTo = (pods: PodGroup, nodes: readonly PackNode[]): PackNode[] =>
  nodes.filter((node) => roomFor(node, pods) > 0 && node.group.unschedulableReason(pods) === undefined);

/**
 * Each pod may change where the next one can go. They go on from the node that took the last one, since the nodes before it have just
 * refused. A node that is full, or refuses for good, is dropped from `open`.
 */
const fillOneByOne = ({ undoLog, topology }: Packer, pods: PodGroup, open: PackNode[]): void => {
  let refusalsInARow = 0;
  for (let at = 0; undoLog.left(pods) > 0 && refusalsInARow < open.length; ) {
    at %= open.length;
    const node = open[at];
    if (!node) return;
    const reason = topology.unschedulableReason(pods, node);
    if (reason && !reason.lasting) {
      refusalsInARow += 1;
      at += 1;
      continue;
    }
    if (!reason) {
      undoLog.place(pods, node, 1);
      refusalsInARow = 0;
    }
    if (reason || roomFor(node, pods) === 0) open.splice(at, 1);
  }
};

const fill = (packer: Packer, pods: PodGroup, nodes: readonly PackNode[]): void =>
  packer.topology.concerns(pods) ? fillOneByOne(packer, pods, openTo(pods, nodes)) : fillAtOnce(packer, pods, nodes);

const leftOf = ({ most, taken }: Bucket): number => most - taken;

/**
 * Buckets with a node for the pods: by rank, then the one whose node takes most of them, then the one with most nodes left, so that
 * zones are used evenly.
 */
const suitable = ({ undoLog }: Packer, pods: PodGroup, buckets: readonly Bucket[]): readonly Bucket[] => {
  const left = undoLog.left(pods);
  return buckets
    .flatMap((bucket) => {
      const node = nextNode(bucket);
      const room = node && node.group.unschedulableReason(pods) === undefined ? Math.min(left, roomFor(node, pods)) : 0;
      return room > 0 ? [{ bucket, room }] : [];
    })
    .sort(
      (one, other) =>
        one.bucket.rank - other.bucket.rank || other.room - one.room || leftOf(other.bucket) - leftOf(one.bucket),
    )
    .map(({ bucket }) => bucket);
};

/** Takes a node for pods of the class and puts at least one of them there; undefined if there is none. */
const takeNodeFor = (packer: Packer, pods: PodGroup, buckets: readonly Bucket[]): PackNode | undefined => {
  const { undoLog } = packer;
  for (const bucket of suitable(packer, pods, buckets)) {
    const mark = undoLog.savepoint();
    const left = undoLog.left(pods);
    const node = undoLog.takeNode(bucket);
    if (node) fill(packer, pods, [node]);
    if (undoLog.left(pods) < left) return node;
    undoLog.rollbackTo(mark);
  }
  return undefined;
};

/** Room at hand only. */
export const packOn = (packer: Packer, nodes: readonly PackNode[], order: readonly PodGroup[]): void => {
  for (const pods of order) fill(packer, pods, nodes);
};

/** What can be taken: at most so many nodes of a pool's buckets. */
export interface Supply {
  readonly pool: PackPool;
  readonly buckets: readonly Bucket[];
  readonly most: number;
}

/** Pods that nothing but room keeps from a node need no other look at those at hand: these have been filled before. */
const packAtOnce = (packer: Packer, { pool, buckets, most }: Supply, pods: PodGroup): void => {
  const mostTaken = pool.taken.length + most;
  fillAtOnce(packer, pods, pool.taken);
  while (packer.undoLog.left(pods) > 0 && pool.taken.length < mostTaken) {
    if (!takeNodeFor(packer, pods, buckets)) return;
  }
};

/** One more node may let others take pods again, which they refused for the sake of an even spread. */
const packOneByOne = (
  packer: Packer,
  { pool, buckets, most }: Supply,
  atHand: readonly PackNode[],
  pods: PodGroup,
): void => {
  const mostTaken = pool.taken.length + most;
  const open = [...openTo(pods, atHand), ...openTo(pods, pool.taken)];
  fillOneByOne(packer, pods, open);
  while (packer.undoLog.left(pods) > 0 && pool.taken.length < mostTaken) {
    const node = takeNodeFor(packer, pods, buckets);
    if (!node) return;
    if (roomFor(node, pods) > 0) open.push(node);
    fillOneByOne(packer, pods, open);
  }
};

/**
 * Takes nodes of the pool where its own and those at hand otherwise do not suffice. Pods that want to be near others may have to wait for these to be
 * placed: there are more rounds for as long as that helps.
 */
export const packInto = (
  packer: Packer,
  supply: Supply,
  atHand: readonly PackNode[],
  order: readonly PodGroup[],
): void => {
  const { undoLog, topology } = packer;
  const end = supply.pool.taken.length + supply.most;
  let waiting = order;
  for (let round = 0; round < order.length; round += 1) {
    const mark = undoLog.savepoint();
    for (const pods of waiting) {
      const rest = { ...supply, most: end - supply.pool.taken.length };
      if (topology.concerns(pods)) packOneByOne(packer, rest, atHand, pods);
      else packAtOnce(packer, rest, pods);
    }
    waiting = waiting.filter((pods) => undoLog.left(pods) > 0 && topology.concerns(pods));
    if (waiting.length === 0 || undoLog.savepoint() === mark) return;
  }
};
