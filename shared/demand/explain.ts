/** Which pools can run pods, and why the others cannot. */
import { conflictingPort } from "../scheduling/host-ports.ts";
import { readableAmount } from "../scheduling/resource-amount.ts";
import { fitCount } from "../scheduling/resource-vector.ts";
import type { NodeKind } from "./packing/node-kind.ts";
import { nextNode, type PackNode, type PackPool } from "./packing/pack-node.ts";
import type { PodGroup } from "./pod-groups.ts";
import type { Topology } from "./topology/topology.ts";

export interface ExplainContext {
  readonly topology: Topology;
  /** The resource that each number of a vector counts. */
  readonly resources: readonly string[];
}

/** Pods without a node. */
export interface UnplacedPods {
  readonly group: PodGroup;
  readonly count: number;
  /** The pools that could run them if they had more nodes. */
  readonly pools: readonly string[];
  /** Why each pool cannot run them; empty if any can. */
  readonly reasons: readonly string[];
}

/** The number of pods that the pool could run if it had more nodes. */
export const countFor = (pool: string, unplaced: readonly UnplacedPods[]): number =>
  unplaced.reduce((sum, { pools, count }) => (pools.includes(pool) ? sum + count : sum), 0);

/** More reasons than this would only make the message longer. */
const MAX_REASONS = 3;

/** Whether any node of the pool, if it were empty, could run a pod of the group, other pods aside. */
export const canRun = ({ kinds }: PackPool, group: PodGroup): boolean => {
  for (const kind of kinds) if (kind.couldRun(group)) return true;
  return false;
};

/** The nodes that the pool could start or launch next for the group, other pods aside. */
const nextNodesFor = ({ standby, launches }: PackPool, group: PodGroup): readonly PackNode[] => {
  const nodes: PackNode[] = [];
  for (const buckets of [standby, launches]) {
    for (const bucket of buckets) {
      const node = nextNode(bucket);
      if (node?.kind.couldRun(group)) nodes.push(node);
    }
  }
  return nodes;
};

/** Whether nodes of the pool can run the pods: then the pool only has too few of them. */
const couldServe = (pool: PackPool, group: PodGroup, topology: Topology): boolean => {
  if (pool.inactive) return false;
  if (pool.kinds.length === 0) return pool.templateGroup.unschedulableReason(group) === undefined;
  if (!canRun(pool, group)) return false;
  if (!topology.constrains(group)) return true;
  const nodes = nextNodesFor(pool, group);
  return nodes.length === 0 || nodes.some((node) => topology.unschedulableReason(group, node) === undefined);
};

const joinReasons = (reasons: readonly string[]): string => [...new Set(reasons)].slice(0, MAX_REASONS).join("; ");

/** The host port that a DaemonSet uses, or the resources that even an empty node has too little of. */
const insufficiency = (
  group: PodGroup,
  { allocatable, reservedPorts, hasStaticPods, ...kind }: NodeKind,
  resources: readonly string[],
): string | undefined => {
  const requests = kind.requests(group);
  const port = conflictingPort(group.ports, reservedPorts);
  if (port) return `host port ${port.port} is used by a ${hasStaticPods ? "DaemonSet or a static pod" : "DaemonSet"}`;
  if (fitCount(allocatable, requests) > 0) return undefined;
  const insufficient = resources.flatMap((name, index) => {
    const [requested = 0, available = 0] = [requests[index], allocatable[index]];
    const [request, allocation] = [requested, Math.max(0, available)].map((amount) => readableAmount(name, amount));
    return requested > available ? [`insufficient ${name} (requests ${request}, a node has ${allocation})`] : [];
  });
  return insufficient.join(", ");
};

/** Why the pool cannot run the pods, given that it cannot. */
const reasonAgainst = (pool: PackPool, group: PodGroup, { topology, resources }: ExplainContext): string => {
  const reasonOfTemplate = pool.templateGroup.unschedulableReason(group);
  if (pool.inactive) return reasonOfTemplate ?? `it starts no nodes (${pool.inactive})`;
  const { kinds } = pool;
  if (kinds.length === 0) return reasonOfTemplate ?? "";
  const matching = kinds.filter((kind) => kind.admits(group));
  if (matching.length === 0)
    return joinReasons(kinds.flatMap(({ equivalenceGroup }) => equivalenceGroup.unschedulableReason(group) ?? []));
  if (!canRun(pool, group)) return joinReasons(matching.flatMap((kind) => insufficiency(group, kind, resources) ?? []));
  return joinReasons(
    nextNodesFor(pool, group).flatMap((node) => topology.unschedulableReason(group, node)?.reason ?? []),
  );
};

/** The reasons are worked out only for pods that no pool can run: most others need none. */
export const explainGroup = (
  pools: readonly PackPool[],
  group: PodGroup,
  count: number,
  context: ExplainContext,
): UnplacedPods => {
  const able = pools.filter((pool) => couldServe(pool, group, context.topology));
  const reasons = able.length > 0 ? [] : pools.map((pool) => `${pool.name}: ${reasonAgainst(pool, group, context)}`);
  return { group, count, pools: able.map(({ name }) => name), reasons };
};
