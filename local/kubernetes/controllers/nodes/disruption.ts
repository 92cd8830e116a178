/**
 * How fast nodes that are not ready may get the taint that evicts their pods: slower, or not at all, when so many of them are that the trouble is
 * probably the control plane's own. Source: kube-controller-manager's node lifecycle controller, ComputeZoneState and handleDisruption.
 */
import { isReady, type NodeObject } from "../../objects.ts";

/** --node-eviction-rate 0.1 a second, --secondary-node-eviction-rate 0.01 in a zone that is in trouble and large. */
const USUAL_INTERVAL_MS = 10_000;
const SLOW_INTERVAL_MS = 100_000;
const NEVER = Number.POSITIVE_INFINITY;
/** --large-cluster-size-threshold and --unhealthy-zone-threshold. */
const LARGE_ZONE_NODES = 50;
const UNHEALTHY_SHARE = 0.55;
/** Of two nodes that are not ready nobody concludes anything. */
const FEW_NODES = 2;
const EXCLUDED = "node.kubernetes.io/exclude-disruption";

export const zoneOf = ({ metadata: { labels } }: NodeObject): string =>
  `${labels?.["topology.kubernetes.io/region"] ?? ""}:${labels?.["topology.kubernetes.io/zone"] ?? ""}`;

const isLost = (nodes: readonly NodeObject[]): boolean => nodes.length > 0 && !nodes.some(isReady);

const intervalOf = (nodes: readonly NodeObject[]): number => {
  const unready = nodes.filter((node) => !isReady(node)).length;
  if (unready <= FEW_NODES || unready === nodes.length || unready / nodes.length < UNHEALTHY_SHARE) {
    return USUAL_INTERVAL_MS;
  }
  return nodes.length > LARGE_ZONE_NODES ? SLOW_INTERVAL_MS : NEVER;
};

export interface Disruption {
  /** No zone has a node that is ready: nothing is evicted, and taints that would are taken off. */
  readonly isTotal: boolean;
  /** Time between two nodes of the zone that are tainted; infinite while none is. */
  intervalMs(zone: string): number;
}

/** Nodes that say so by a label do not count. */
export const readDisruption = (nodes: readonly NodeObject[]): Disruption => {
  const counted = nodes.filter(({ metadata }) => metadata.labels?.[EXCLUDED] === undefined);
  const zones = Map.groupBy(counted, zoneOf);
  return {
    isTotal: zones.size > 0 && [...zones.values()].every(isLost),
    intervalMs: (zone) => intervalOf(zones.get(zone) ?? []),
  };
};
