/** What pools would place if they had enough nodes for all pods that can run on them: where there are too many pod groups to try it. */
import { largest, shares, subtract, type Vector } from "../../scheduling/resource-vector.ts";
import type { PodGroup } from "../pod-groups.ts";
import { areAlikeNodes, isEmpty } from "./alike.ts";
import type { Supply } from "./pack.ts";
import { canTake, nextNode, type PackNode } from "./pack-node.ts";
import type { Placement, UndoLog } from "./undo-log.ts";

export interface Estimate {
  readonly placed: number;
  /** A lower bound, however well the pods are packed. */
  readonly nodeCount: number;
  /** Whether the pods of the group are counted. */
  counts(group: PodGroup): boolean;
}

export const nextNodesOf = ({ buckets }: Supply): readonly PackNode[] =>
  buckets.flatMap((bucket) => nextNode(bucket) ?? []);

/** For each resource, the most that any of the supply's next nodes has. */
export const allocatableOf = (supply: Supply): Vector => {
  const vectors = nextNodesOf(supply).map(({ kind }) => kind.allocatable);
  return largest(vectors, vectors[0]?.length ?? 0);
};

/** A lower bound of the nodes needed for these requests in total. */
export const minNodes = (requests: Vector, allocatable: Vector): number => Math.ceil(shares(requests, allocatable).max);

/** The estimate for all supplies whose next nodes are alike. */
interface Total {
  /** As they were when it was added up: pods that are placed on them meanwhile make others no different. */
  readonly nodes: readonly PackNode[];
  readonly allocatable: Vector;
  /** By index of the group, 1 if it is counted. */
  readonly counted: Uint8Array;
  readonly requests: Vector;
  placed: number;
}

const copyOf = (node: PackNode): PackNode => ({
  ...node,
  free: node.free.slice(),
  usedPorts: [...node.usedPorts],
});

const isFor = ({ nodes }: Total, others: readonly PackNode[]): boolean =>
  nodes.length === others.length &&
  nodes.every((node, index) => {
    const other = others[index];
    return other !== undefined && areAlikeNodes(node, other);
  });

const add = (total: Total, group: PodGroup, count: number): void => {
  total.placed += count;
  const node = total.nodes[0];
  if (node) subtract(total.requests, node.pool.requests(group), -count);
};

/** Adds up once for all supplies that are alike; `remove` keeps the sums up to date. */
export const createEstimates = (undoLog: UndoLog, groups: readonly PodGroup[]) => {
  const totals: Total[] = [];
  const groupCount = groups.reduce((most, { index }) => Math.max(most, index + 1), 0);

  const createTotal = (supply: Supply): Total => {
    const nodes = nextNodesOf(supply).map(copyOf);
    const allocatable = allocatableOf(supply);
    const requests = new Float64Array(allocatable.length);
    const total = { nodes, allocatable, counted: new Uint8Array(groupCount), requests, placed: 0 };
    const areEmpty = nodes.every(isEmpty);
    const canRun = (group: PodGroup): boolean => {
      for (const node of nodes) if (areEmpty ? node.kind.couldRun(group) : canTake(node, group)) return true;
      return false;
    };
    for (const group of groups) {
      if (undoLog.remaining(group) === 0 || !canRun(group)) continue;
      total.counted[group.index] = 1;
      add(total, group, undoLog.remaining(group));
    }
    totals.push(total);
    return total;
  };

  return {
    of: (supply: Supply): Estimate => {
      const nodes = nextNodesOf(supply);
      const total = totals.find((known) => isFor(known, nodes)) ?? createTotal(supply);
      return {
        placed: total.placed,
        nodeCount: minNodes(total.requests, total.allocatable),
        counts: ({ index }) => total.counted[index] === 1,
      };
    },
    /** To be called for all pods that are placed after the first estimate. */
    remove: (placements: readonly Placement[]): void => {
      for (const total of totals) {
        for (const { group, count } of placements) if (total.counted[group.index] === 1) add(total, group, -count);
      }
    },
  };
};
