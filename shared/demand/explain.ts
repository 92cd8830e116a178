/** Why a pool gives pods no node. */
import { takenPort } from "../scheduling/host-ports.ts";
import { readableAmount } from "../scheduling/resource-amount.ts";
import { fitCount } from "../scheduling/resource-vector.ts";
import { nextNode, type PackNode, type PackPool } from "./packing/pack-node.ts";
import type { PodClass } from "./pod-groups.ts";
import type { Topology } from "./topology/topology.ts";

export interface Explainer {
  readonly topology: Topology;
  /** What each number of a vector counts. */
  readonly resources: readonly string[];
}

/** More than this many different ones say no more. */
const MOST_REASONS = 3;

/** Every node that the pool has or could have; of those that are alike, one. */
const nodesOf = ({ held, standby, launches }: PackPool): readonly PackNode[] => [
  ...standby.flatMap(({ nodes }) => nodes.slice(0, 1)),
  ...launches.flatMap(({ launch }) => launch?.like ?? []),
  ...held,
];

const joined = (reasons: readonly string[]): string => [...new Set(reasons)].slice(0, MOST_REASONS).join("; ");

/** What even an empty node has not enough of. */
const tooSmall = (
  pods: PodClass,
  { pool, whole, shape }: PackNode,
  resources: readonly string[],
): string | undefined => {
  const wanted = pool.wanted(pods);
  const port = takenPort(
    pods.ports,
    shape.daemons.flatMap(({ ports }) => ports),
  );
  if (port) return `host port ${port.port}, which a DaemonSet takes`;
  if (fitCount(whole, wanted) > 0) return undefined;
  const short = resources.flatMap((name, index) => {
    const [each = 0, has = 0] = [wanted[index], whole[index]];
    const [asked, found] = [each, Math.max(0, has)].map((amount) => readableAmount(name, amount));
    return each > has ? [`${name} ${asked}, of which a node has ${found}`] : [];
  });
  return short.join(", ");
};

/** Undefined if nodes of the pool can run the pods, so that there are only too few of them. */
export const reasonAgainst = (
  pool: PackPool,
  pods: PodClass,
  { topology, resources }: Explainer,
): string | undefined => {
  const nodes = nodesOf(pool);
  if (nodes.length === 0) return pool.bare.refusal(pods);
  const matching = nodes.filter(({ shape }) => shape.refusal(pods) === undefined);
  if (matching.length === 0) return joined(nodes.flatMap(({ shape }) => shape.refusal(pods) ?? []));
  const sizes = matching.map((node) => tooSmall(pods, node, resources));
  if (!sizes.includes(undefined)) return joined(sizes.filter((size) => size !== undefined));
  const next = [...pool.standby, ...pool.launches].flatMap((bucket) => nextNode(bucket) ?? []);
  const refusals = next
    .filter((node) => node.shape.refusal(pods) === undefined && tooSmall(pods, node, resources) === undefined)
    .map((node) => topology.refusal(pods, node)?.reason);
  if (refusals.length === 0 || refusals.includes(undefined)) return undefined;
  return joined(refusals.filter((refusal) => refusal !== undefined));
};
