/** Why a pool gives pods no node. */
import { takenPort } from "../scheduling/host-ports.ts";
import { readableAmount } from "../scheduling/resource-amount.ts";
import { fitCount } from "../scheduling/resource-vector.ts";
import { nextNode, type PackNode, type PackPool } from "./packing/pack-node.ts";
import type { PodGroup } from "./pod-groups.ts";
import type { Topology } from "./topology/topology.ts";

export interface Explainer {
  readonly topology: Topology;
  /** What each number of a vector counts. */
  readonly resources: readonly string[];
}

/** More than this many different ones say no more. */
const MOST_REASONS = 3;

/** Every node that the pool has or could have; of those that are alike, one. */
const nodesOf = ({ inFlight, standby, launches }: PackPool): readonly PackNode[] => [
  ...standby.flatMap(({ nodes }) => nodes.slice(0, 1)),
  ...launches.flatMap(({ launch }) => launch?.like ?? []),
  ...inFlight,
];

const joined = (reasons: readonly string[]): string => [...new Set(reasons)].slice(0, MOST_REASONS).join("; ");

/** What even an empty node has not enough of. */
const tooSmall = (
  pods: PodGroup,
  { pool, allocatable, group }: PackNode,
  resources: readonly string[],
): string | undefined => {
  const requests = pool.requests(pods);
  const port = takenPort(
    pods.ports,
    group.daemonSetPods.flatMap(({ ports }) => ports),
  );
  if (port) return `host port ${port.port}, which a DaemonSet takes`;
  if (fitCount(allocatable, requests) > 0) return undefined;
  const short = resources.flatMap((name, index) => {
    const [each = 0, has = 0] = [requests[index], allocatable[index]];
    const [asked, found] = [each, Math.max(0, has)].map((amount) => readableAmount(name, amount));
    return each > has ? [`${name} ${asked}, of which a node has ${found}`] : [];
  });
  return short.join(", ");
};

/** Undefined if nodes of the pool can run the pods, so that there are only too few of them. */
export const unschedulableReason = (
  pool: PackPool,
  pods: PodGroup,
  { topology, resources }: Explainer,
): string | undefined => {
  const nodes = nodesOf(pool);
  if (nodes.length === 0) return pool.bareGroup.unschedulableReason(pods);
  const matching = nodes.filter(({ group }) => group.unschedulableReason(pods) === undefined);
  if (matching.length === 0) return joined(nodes.flatMap(({ group }) => group.unschedulableReason(pods) ?? []));
  const sizes = matching.map((node) => tooSmall(pods, node, resources));
  if (!sizes.includes(undefined)) return joined(sizes.filter((size) => size !== undefined));
  const next = [...pool.standby, ...pool.launches].flatMap((bucket) => nextNode(bucket) ?? []);
  const reasons = next
    .filter(
      (node) => node.group.unschedulableReason(pods) === undefined && tooSmall(pods, node, resources) === undefined,
    )
    .map((node) => topology.unschedulableReason(pods, node)?.reason);
  if (reasons.length === 0 || reasons.includes(undefined)) return undefined;
  return joined(reasons.filter((reason) => reason !== undefined));
};
