/** Nodes that are the same to every pod as long as no other pods run on them, so that each pod group is checked once for all of them. */
import { conflictingPort, type HostPort } from "../../scheduling/host-ports.ts";
import { fits, type Vector } from "../../scheduling/resource-vector.ts";
import type { NodeEquivalenceGroup } from "../nodes/equivalence-groups.ts";
import type { PodGroup } from "../pod-groups.ts";

export interface NodeKind {
  readonly equivalenceGroup: NodeEquivalenceGroup;
  /** What such a node has for pods on top of its DaemonSets' pods. */
  readonly allocatable: Vector;
  /** The host ports that DaemonSets and static pods use. */
  readonly reservedPorts: readonly HostPort[];
  readonly hasStaticPods: boolean;
  /** The requests of one pod of the group on such a node. */
  readonly requests: (group: PodGroup) => Vector;
  /** Whether its labels, taints and name let pods of the group run there. */
  admits(group: PodGroup): boolean;
  /** Whether such a node, if it were empty, could run a pod of the group, other pods aside. */
  couldRun(group: PodGroup): boolean;
}

type Parts = Omit<NodeKind, "admits" | "couldRun">;
export type NodeKindOf = (parts: Parts) => NodeKind;

const UNKNOWN = 0;
const YES = 1;
const NO = 2;

const createNodeKind = (parts: Parts, groupCount: number): NodeKind => {
  const { equivalenceGroup, allocatable, reservedPorts, requests } = parts;
  const verdicts = new Uint8Array(groupCount);
  const admits = (group: PodGroup): boolean => equivalenceGroup.unschedulableReason(group) === undefined;
  const check = (group: PodGroup): boolean =>
    admits(group) && fits(allocatable, requests(group)) && !conflictingPort(group.ports, reservedPorts);
  return {
    ...parts,
    admits,
    couldRun: (group) => {
      if (verdicts[group.index] === UNKNOWN) verdicts[group.index] = check(group) ? YES : NO;
      return verdicts[group.index] === YES;
    },
  };
};

/** Returns a function that finds the kind of a node. */
export const createNodeKinds = (groupCount: number): NodeKindOf => {
  const found = new Map<NodeEquivalenceGroup, Map<Parts["requests"], Map<string, NodeKind>>>();
  return (parts) => {
    const byRequests = found.get(parts.equivalenceGroup) ?? new Map<Parts["requests"], Map<string, NodeKind>>();
    found.set(parts.equivalenceGroup, byRequests);
    const byRoom = byRequests.get(parts.requests) ?? new Map<string, NodeKind>();
    byRequests.set(parts.requests, byRoom);
    const room = `${parts.allocatable.join()} ${JSON.stringify([parts.reservedPorts, parts.hasStaticPods])}`;
    const kind = byRoom.get(room) ?? createNodeKind(parts, groupCount);
    byRoom.set(room, kind);
    return kind;
  };
};
