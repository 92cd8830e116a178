/** Explains why a pool cannot run pods. */
import { conflictingPort } from "../scheduling/host-ports.ts";
import { readableAmount } from "../scheduling/resource-amount.ts";
import { fitCount } from "../scheduling/resource-vector.ts";
import { couldRun, nextNode, type PackNode, type PackPool, reservedPorts } from "./packing/pack-node.ts";
import type { PodGroup } from "./pod-groups.ts";
import type { Topology } from "./topology/topology.ts";

export interface ExplainContext {
  readonly topology: Topology;
  /** The resource that each number of a vector counts. */
  readonly resources: readonly string[];
}

/** More reasons than this would only make the message longer. */
const MAX_REASONS = 3;

/** The nodes that the pool has or could have; of standby nodes and offerings, one of each kind. */
const exampleNodes = ({ inFlight, standby, launches }: PackPool): readonly PackNode[] => [
  ...standby.flatMap(({ nodes }) => nodes.slice(0, 1)),
  ...launches.flatMap(({ launch }) => launch?.example ?? []),
  ...inFlight,
];

const joinReasons = (reasons: readonly string[]): string => [...new Set(reasons)].slice(0, MAX_REASONS).join("; ");

/** The host port that a DaemonSet uses, or the resources that even an empty node has too little of. */
const insufficiency = (
  group: PodGroup,
  { pool, allocatable, equivalenceGroup, model }: PackNode,
  resources: readonly string[],
): string | undefined => {
  const requests = pool.requests(group);
  const port = conflictingPort(group.ports, reservedPorts(equivalenceGroup, model));
  if (port)
    return `host port ${port.port} is used by a ${model.staticPods.length > 0 ? "DaemonSet or a static pod" : "DaemonSet"}`;
  if (fitCount(allocatable, requests) > 0) return undefined;
  const insufficient = resources.flatMap((name, index) => {
    const [requested = 0, available = 0] = [requests[index], allocatable[index]];
    const [request, allocation] = [requested, Math.max(0, available)].map((amount) => readableAmount(name, amount));
    return requested > available ? [`insufficient ${name} (requests ${request}, a node has ${allocation})`] : [];
  });
  return insufficient.join(", ");
};

/** Whether any node of the pool, if it were empty, could run a pod of the group, other pods aside. */
export const canRun = (pool: PackPool, group: PodGroup): boolean =>
  exampleNodes(pool).some((node) => couldRun(node, group));

/** Undefined if nodes of the pool can run the pods: then the pool only has too few of them. */
export const unschedulableReason = (
  pool: PackPool,
  group: PodGroup,
  { topology, resources }: ExplainContext,
): string | undefined => {
  if (pool.inactive) return pool.templateGroup.unschedulableReason(group) ?? `it starts no nodes (${pool.inactive})`;
  const nodes = exampleNodes(pool);
  if (nodes.length === 0) return pool.templateGroup.unschedulableReason(group);
  const reasonOn = ({ equivalenceGroup }: PackNode) => equivalenceGroup.unschedulableReason(group);
  const matching = nodes.filter((node) => reasonOn(node) === undefined);
  if (matching.length === 0) return joinReasons(nodes.flatMap((node) => reasonOn(node) ?? []));
  const shortages = matching.map((node) => insufficiency(group, node, resources));
  if (!shortages.includes(undefined)) return joinReasons(shortages.filter((shortage) => shortage !== undefined));
  const nextNodes = [...pool.standby, ...pool.launches].flatMap((bucket) => nextNode(bucket) ?? []);
  const reasons = nextNodes
    .filter((node) => couldRun(node, group))
    .map((node) => topology.unschedulableReason(group, node)?.reason);
  if (reasons.length === 0 || reasons.includes(undefined)) return undefined;
  return joinReasons(reasons.filter((reason) => reason !== undefined));
};

/** Pods without a node, with the reason for each pool; undefined for one that could run them. */
export interface UnplacedPods {
  readonly group: PodGroup;
  readonly count: number;
  readonly reasons: readonly { readonly pool: string; readonly reason: string | undefined }[];
}

export const explainGroup = (
  pools: readonly PackPool[],
  group: PodGroup,
  count: number,
  context: ExplainContext,
): UnplacedPods => ({
  group,
  count,
  reasons: pools.map((pool) => ({ pool: pool.name, reason: unschedulableReason(pool, group, context) })),
});
