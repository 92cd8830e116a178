/** Finds the nodes of a list that have room for pods, without a look at each node. */
import { fits, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { PackNode } from "./pack-node.ts";

export interface FreeIndex {
  readonly nodes: readonly PackNode[];
  /** The position of the first node, from this position on, that has the resources for one pod of the group now; -1 if there is none. */
  firstFor(group: PodGroup, from: number): number;
  push(node: PackNode): void;
}

/**
 * A binary tree over the nodes: entry 1 is the root, entries 2i and 2i + 1 are below entry i, and the nodes are the entries from `capacity` on. Each
 * entry is, for each resource, at least what is free on any node below it. While an index is in use nodes only get fuller, so an entry can be too
 * high, but never too low, whoever places pods. One that is found too high is lowered, unless what was placed since may be rolled back.
 */
interface Tree {
  readonly capacity: number;
  readonly width: number;
  readonly entries: Float64Array;
}

const mayFit = ({ entries, width }: Tree, entry: number, requests: Vector): boolean => {
  const offset = entry * width;
  for (let index = 0; index < width; index += 1) {
    const each = requests[index] ?? 0;
    if (each > 0 && each > (entries[offset + index] ?? 0)) return false;
  }
  return true;
};

/** Sets an entry to the most of the two below it. */
const summarize = ({ entries, width }: Tree, entry: number): void => {
  const [own, left, right] = [entry * width, 2 * entry * width, (2 * entry + 1) * width];
  for (let index = 0; index < width; index += 1)
    entries[own + index] = Math.max(entries[left + index] ?? 0, entries[right + index] ?? 0);
};

const createTree = (nodes: readonly PackNode[], capacity: number): Tree => {
  const width = nodes[0]?.free.length ?? 0;
  const entries = new Float64Array(2 * capacity * width).fill(Number.NEGATIVE_INFINITY);
  const tree = { capacity, width, entries };
  for (const [position, { free }] of nodes.entries()) entries.set(free, (capacity + position) * width);
  for (let entry = capacity - 1; entry >= 1; entry -= 1) summarize(tree, entry);
  return tree;
};

const setEntry = (tree: Tree, position: number, free: Vector): void => {
  tree.entries.set(free, (tree.capacity + position) * tree.width);
  for (let entry = (tree.capacity + position) >> 1; entry >= 1; entry >>= 1) summarize(tree, entry);
};

/** The first position below an entry that may fit; -1 if there is none. */
const firstBelow = (tree: Tree, requests: Vector, entry: number): number => {
  if (!mayFit(tree, entry, requests)) return -1;
  if (entry >= tree.capacity) return entry - tree.capacity;
  const found = firstBelow(tree, requests, 2 * entry);
  return found >= 0 ? found : firstBelow(tree, requests, 2 * entry + 1);
};

/** The first position from `from` on that may fit; -1 if there is none. Near positions take fewer steps than distant ones. */
const search = (tree: Tree, requests: Vector, from: number): number => {
  if (from >= tree.capacity) return -1;
  for (let entry = tree.capacity + from; ; entry += 1) {
    const found = firstBelow(tree, requests, entry);
    if (found >= 0) return found;
    // Up to the first entry that is a left one: its right neighbour is next.
    while (entry % 2 === 1) entry = (entry - 1) / 2;
    if (entry === 0) return -1;
  }
};

const MIN_CAPACITY = 16;

/** `canRollBack`: whether what is placed while the index is in use may be rolled back meanwhile. */
export const createFreeIndex = (initial: readonly PackNode[], canRollBack = false): FreeIndex => {
  const nodes = [...initial];
  let haveEqualDefaults = nodes.every(({ pool }) => pool.requests === nodes[0]?.pool.requests);
  let tree = createTree(nodes, Math.max(MIN_CAPACITY, 2 ** Math.ceil(Math.log2(nodes.length))));

  /** The least that a pod of the group requests on any of the nodes: defaults may differ between pools. */
  const leastRequests = (group: PodGroup): Vector => {
    const node = nodes[0];
    const isSame = haveEqualDefaults || group.request.requests !== undefined;
    return node && isSame ? node.pool.requests(group) : new Float64Array(tree.width);
  };

  return {
    nodes,
    firstFor: (group, from) => {
      const requests = leastRequests(group);
      for (let next = from; ; next += 1) {
        next = search(tree, requests, next);
        const node = nodes[next];
        if (!node) return -1;
        if (fits(node.free, requests)) return next;
        if (!canRollBack) setEntry(tree, next, node.free);
      }
    },
    push: (node) => {
      nodes.push(node);
      haveEqualDefaults &&= node.pool.requests === nodes[0]?.pool.requests;
      if (nodes.length === 1 || nodes.length > tree.capacity) tree = createTree(nodes, 2 * tree.capacity);
      else setEntry(tree, nodes.length - 1, node.free);
    },
  };
};
