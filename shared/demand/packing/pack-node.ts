/** Nodes and pools in the form that packing works on. */
import { conflictingPort, type HostPort } from "../../scheduling/host-ports.ts";
import { fitCount, fits, type Vector } from "../../scheduling/resource-vector.ts";
import type { NodeEquivalenceGroup } from "../nodes/equivalence-groups.ts";
import type { InstanceModel, LaunchModel } from "../nodes/node-model.ts";
import type { PodGroup } from "../pod-groups.ts";
import type { TopologyNode } from "../topology/spreads.ts";
import type { DemandPool } from "../view.ts";
import type { NodeKind } from "./node-kind.ts";

export interface PackNode extends TopologyNode {
  readonly pool: PackPool;
  readonly model: InstanceModel | LaunchModel;
  readonly kind: NodeKind;
  readonly free: Vector;
  readonly usedPorts: HostPort[];
}

/** Nodes that can be started or launched, and that are the same to every pod. */
export interface Bucket {
  /** Buckets of a lower rank always come first. */
  readonly rank: number;
  /** The selected ones come first. */
  readonly nodes: PackNode[];
  readonly maxNodes: number;
  selectedCount: number;
  /** Only for an offering that can be launched: an example of its nodes, and a function that makes one more. */
  readonly launch?: { readonly example: PackNode; readonly make: () => PackNode };
}

/** The next node that the bucket can give, or an example of it; undefined if the bucket is used up. */
export const nextNode = ({ nodes, selectedCount, maxNodes, launch }: Bucket): PackNode | undefined =>
  selectedCount < maxNodes ? (nodes[selectedCount] ?? launch?.example) : undefined;

export interface PackPool {
  readonly name: string;
  readonly weight: number;
  readonly inactive: DemandPool["inactive"];
  /** The labels and taints that every node of the pool has, for a pool without nodes. */
  readonly templateGroup: NodeEquivalenceGroup;
  /** The requests of one pod of the group; the pool's defaults apply to pods without requests. */
  readonly requests: (group: PodGroup) => Vector;
  /** Of the nodes that the pool has or could have, except the opened ones. */
  readonly kinds: NodeKind[];
  readonly inFlight: PackNode[];
  /** Nodes that pods were perhaps started for in vain. Nothing is packed on them: the scheduler knows them. */
  readonly opened: PackNode[];
  /** Stopped and stopping instances. */
  readonly standby: Bucket[];
  readonly launches: Bucket[];
  /** How many nodes the pool may launch. */
  readonly maxLaunches: number;
  /** The nodes selected from any of its buckets, in the order of their selection. */
  readonly selectedNodes: PackNode[];
}

/** Whether the node takes at least one pod of the group now, other pods' rules aside. */
export const canTake = (node: PackNode, group: PodGroup): boolean =>
  fits(node.free, node.pool.requests(group)) &&
  node.kind.admits(group) &&
  (group.ports.length === 0 || !conflictingPort(group.ports, node.usedPorts));

/** How many pods of the group fit on the node by resources and host ports. */
export const roomFor = (node: PackNode, group: PodGroup): number => {
  const count = fitCount(node.free, node.pool.requests(group));
  if (group.ports.length === 0 || count === 0) return count;
  // All pods of the group request the same host ports, so at most one of them fits.
  return conflictingPort(group.ports, node.usedPorts) ? 0 : 1;
};
