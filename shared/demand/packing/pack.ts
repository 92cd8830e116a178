/** Fills nodes with pods, one class after another: first the room at hand, then a node more. */
import type { PodClass } from "../pod-groups.ts";
import type { Topology } from "../topology/topology.ts";
import { type Bucket, nextNode, type PackNode, type PackPool, roomFor } from "./pack-node.ts";
import type { Journal } from "./undo-log.ts";

export interface Packer {
  readonly journal: Journal;
  readonly topology: Topology;
}

/** Pods that nothing but room keeps from a node go there as many at a time as fit. */
const fillAtOnce = ({ journal }: Packer, pods: PodClass, nodes: readonly PackNode[]): void => {
  for (const node of nodes) {
    const left = journal.left(pods);
    if (left === 0) return;
    const room = roomFor(node, pods);
    if (room > 0 && node.shape.refusal(pods) === undefined) journal.place(pods, node, Math.min(room, left));
  }
};

/** Nodes that could take pods of the class, if others did not stand in the way. */
const openTo = (pods: PodClass, nodes: readonly PackNode[]): PackNode[] =>
  nodes.filter((node) => roomFor(node, pods) > 0 && node.shape.refusal(pods) === undefined);

/**
 * Each pod may change where the next one can go. They go on from the node that took the last one, since the nodes before it have just
 * refused. A node that is full, or refuses for good, is dropped from `open`.
 */
const fillOneByOne = ({ journal, topology }: Packer, pods: PodClass, open: PackNode[]): void => {
  let refusedInARow = 0;
  for (let at = 0; journal.left(pods) > 0 && refusedInARow < open.length; ) {
    at %= open.length;
    const node = open[at];
    if (!node) return;
    const refusal = topology.refusal(pods, node);
    if (refusal && !refusal.lasting) {
      refusedInARow += 1;
      at += 1;
      continue;
    }
    if (!refusal) {
      journal.place(pods, node, 1);
      refusedInARow = 0;
    }
    if (refusal || roomFor(node, pods) === 0) open.splice(at, 1);
  }
};

const fill = (packer: Packer, pods: PodClass, nodes: readonly PackNode[]): void =>
  packer.topology.concerns(pods) ? fillOneByOne(packer, pods, openTo(pods, nodes)) : fillAtOnce(packer, pods, nodes);

const leftOf = ({ most, taken }: Bucket): number => most - taken;

/**
 * Buckets with a node for the pods: by rank, then the one whose node takes most of them, then the one with most nodes left, so that
 * zones are used evenly.
 */
const suitable = ({ journal }: Packer, pods: PodClass, buckets: readonly Bucket[]): readonly Bucket[] => {
  const left = journal.left(pods);
  return buckets
    .flatMap((bucket) => {
      const node = nextNode(bucket);
      const room = node && node.shape.refusal(pods) === undefined ? Math.min(left, roomFor(node, pods)) : 0;
      return room > 0 ? [{ bucket, room }] : [];
    })
    .sort(
      (one, other) =>
        one.bucket.rank - other.bucket.rank || other.room - one.room || leftOf(other.bucket) - leftOf(one.bucket),
    )
    .map(({ bucket }) => bucket);
};

/** Takes a node for pods of the class and puts at least one of them there; undefined if there is none. */
const takeNodeFor = (packer: Packer, pods: PodClass, buckets: readonly Bucket[]): PackNode | undefined => {
  const { journal } = packer;
  for (const bucket of suitable(packer, pods, buckets)) {
    const mark = journal.mark();
    const left = journal.left(pods);
    const node = journal.takeNode(bucket);
    if (node) fill(packer, pods, [node]);
    if (journal.left(pods) < left) return node;
    journal.backTo(mark);
  }
  return undefined;
};

/** Room at hand only. */
export const packOn = (packer: Packer, nodes: readonly PackNode[], order: readonly PodClass[]): void => {
  for (const pods of order) fill(packer, pods, nodes);
};

/** What can be taken: at most so many nodes of a pool's buckets. */
export interface Supply {
  readonly pool: PackPool;
  readonly buckets: readonly Bucket[];
  readonly most: number;
}

/** Pods that nothing but room keeps from a node need no other look at those at hand: these have been filled before. */
const packAtOnce = (packer: Packer, { pool, buckets, most }: Supply, pods: PodClass): void => {
  const mostTaken = pool.taken.length + most;
  fillAtOnce(packer, pods, pool.taken);
  while (packer.journal.left(pods) > 0 && pool.taken.length < mostTaken) {
    if (!takeNodeFor(packer, pods, buckets)) return;
  }
};

/** One more node may let others take pods again, which they refused for the sake of an even spread. */
const packOneByOne = (
  packer: Packer,
  { pool, buckets, most }: Supply,
  atHand: readonly PackNode[],
  pods: PodClass,
): void => {
  const mostTaken = pool.taken.length + most;
  const open = [...openTo(pods, atHand), ...openTo(pods, pool.taken)];
  fillOneByOne(packer, pods, open);
  while (packer.journal.left(pods) > 0 && pool.taken.length < mostTaken) {
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
  order: readonly PodClass[],
): void => {
  const { journal, topology } = packer;
  const end = supply.pool.taken.length + supply.most;
  let waiting = order;
  for (let round = 0; round < order.length; round += 1) {
    const mark = journal.mark();
    for (const pods of waiting) {
      const rest = { ...supply, most: end - supply.pool.taken.length };
      if (topology.concerns(pods)) packOneByOne(packer, rest, atHand, pods);
      else packAtOnce(packer, rest, pods);
    }
    waiting = waiting.filter((pods) => journal.left(pods) > 0 && topology.concerns(pods));
    if (waiting.length === 0 || journal.mark() === mark) return;
  }
};
