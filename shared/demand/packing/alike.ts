/** Nodes and supplies that are the same to all pods, so that what is found out about one holds for the other. */
import type { Vector } from "../../scheduling/resource-vector.ts";
import type { NodeSize } from "../nodes/node-sizes.ts";
import { nodesLeft, type Supply } from "./pack.ts";
import { type Bucket, nextNode, type PackNode } from "./pack-node.ts";

const areEqualSizes = (one: NodeSize | undefined, other: NodeSize | undefined): boolean => {
  if (one === other || !one || !other) return one === other;
  if (one.amounts.size !== other.amounts.size) return false;
  for (const [name, amount] of one.amounts) if (other.amounts.get(name) !== amount) return false;
  return true;
};

const usesOnlyReservedPorts = ({ usedPorts, kind }: PackNode): boolean =>
  usedPorts.length === kind.reservedPorts.length;

const areEqualVectors = (one: Vector, other: Vector): boolean => one.every((amount, index) => amount === other[index]);

/** Whether the node has all the room of its kind. */
export const isEmpty = (node: PackNode): boolean =>
  areEqualVectors(node.free, node.kind.allocatable) && usesOnlyReservedPorts(node);

export const areAlikeNodes = (one: PackNode, other: PackNode): boolean =>
  one.kind === other.kind &&
  areEqualVectors(one.free, other.free) &&
  usesOnlyReservedPorts(one) &&
  usesOnlyReservedPorts(other);

const areAlikeBuckets = (one: Bucket, other: Bucket): boolean => {
  if (one.rank !== other.rank || nodesLeft(one) !== nodesLeft(other)) return false;
  const [node, otherNode] = [nextNode(one), nextNode(other)];
  if (!node || !otherNode) return node === otherNode;
  return areAlikeNodes(node, otherNode) && areEqualSizes(node.model.size, otherNode.model.size);
};

/** Whether both would give equal nodes, as many of them, in the same order. */
export const areAlikeSupplies = (one: Supply, other: Supply): boolean =>
  one.pool.requests === other.pool.requests &&
  one.maxNodes === other.maxNodes &&
  one.buckets.length === other.buckets.length &&
  one.buckets.every((bucket, index) => {
    const otherBucket = other.buckets[index];
    return otherBucket !== undefined && areAlikeBuckets(bucket, otherBucket);
  });
