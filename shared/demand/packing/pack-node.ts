/** Nodes as packing fills them. */
import { type HostPort, takenPort } from "../../scheduling/host-ports.ts";
import { fitCount, type Vector } from "../../scheduling/resource-vector.ts";
import type { NodeEquivalenceGroup } from "../nodes/node-groups.ts";
import type { InstanceModel, LaunchModel } from "../nodes/node-model.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { PlacedNode } from "../topology/spreads.ts";

export interface PackNode extends PlacedNode {
  readonly pool: PackPool;
  readonly model: InstanceModel | LaunchModel;
  readonly group: NodeEquivalenceGroup;
  /** What it has for pods when none run there but those of DaemonSets. */
  readonly allocatable: Vector;
  readonly free: Vector;
  /** Taken ones. */
  readonly ports: HostPort[];
}

/** Nodes that can be had and that are alike for every pod. */
export interface Bucket {
  /** Lower is preferred, whatever else speaks for another bucket. */
  readonly rank: number;
  /** Those taken come first. */
  readonly nodes: PackNode[];
  readonly most: number;
  taken: number;
  /** What a node that is not in `nodes` yet will be like, and how it comes to be: of a kind that can be launched. */
  readonly launch?: { readonly like: PackNode; readonly make: () => PackNode };
}

/** The next node to be had, or one like it. */
export const nextNode = ({ nodes, taken, most, launch }: Bucket): PackNode | undefined =>
  taken < most ? (nodes[taken] ?? launch?.like) : undefined;

export interface PackPool {
  readonly name: string;
  readonly weight: number;
  /** What is known of its nodes when there are none. */
  readonly bareGroup: NodeEquivalenceGroup;
  /** What a pod of the class takes here, where the pool's defaults count. */
  requests(pods: PodGroup): Vector;
  readonly inFlight: PackNode[];
  /** Of nodes that are asleep, or about to be. */
  readonly standby: Bucket[];
  readonly launches: Bucket[];
  /** How many nodes may be launched. */
  readonly mostLaunches: number;
  /** Those taken of any bucket, in that order. */
  readonly taken: PackNode[];
}

/** How many pods of the class the node has room for, whoever else runs there. */
export const roomFor = (node: PackNode, pods: PodGroup): number => {
  const count = fitCount(node.free, node.pool.requests(pods));
  if (pods.ports.length === 0 || count === 0) return count;
  // Two pods of one class want the same ports.
  return takenPort(pods.ports, node.ports) ? 0 : 1;
};
