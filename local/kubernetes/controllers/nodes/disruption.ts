/**
 * Limits how fast not-ready nodes get the NoExecute taint that evicts their pods. If many nodes of a zone are not ready, the
 * control plane is probably at fault, so the rate drops, possibly to zero. Source: kube-controller-manager's node lifecycle
 * controller, ComputeZoneState and handleDisruption.
 */
import { isReady, type NodeObject } from "../../objects/objects.ts";

/** --node-eviction-rate is 0.1 per second, --secondary-node-eviction-rate 0.01 per second, for a large zone with partial disruption. */
const DEFAULT_INTERVAL_MS = 10_000;
const SLOW_INTERVAL_MS = 100_000;
const NEVER = Number.POSITIVE_INFINITY;
/** --large-cluster-size-threshold and --unhealthy-zone-threshold. */
const LARGE_ZONE_NODES = 50;
const UNHEALTHY_FRACTION = 0.55;
/** Up to two not-ready nodes never count as a partial disruption. */
const MAX_IGNORED_NODES = 2;
const EXCLUDE_LABEL = "node.kubernetes.io/exclude-disruption";

export const zoneOf = ({ metadata: { labels } }: NodeObject): string =>
  `${labels?.["topology.kubernetes.io/region"] ?? ""}:${labels?.["topology.kubernetes.io/zone"] ?? ""}`;

const isFullyDisrupted = (nodes: readonly NodeObject[]): boolean => nodes.length > 0 && !nodes.some(isReady);

const intervalOf = (nodes: readonly NodeObject[]): number => {
  const unready = nodes.filter((node) => !isReady(node)).length;
  if (unready <= MAX_IGNORED_NODES || unready === nodes.length || unready / nodes.length < UNHEALTHY_FRACTION) {
    return DEFAULT_INTERVAL_MS;
  }
  return nodes.length > LARGE_ZONE_NODES ? SLOW_INTERVAL_MS : NEVER;
};

export interface Disruption {
  /** No zone has a ready node: nothing is evicted, and the NoExecute taints are removed. */
  readonly isTotal: boolean;
  /** Minimum time between tainting two nodes of the zone; infinite while tainting is suspended. */
  intervalMs(zone: string): number;
}

/** Ignores nodes with the exclude-disruption label. */
export const computeDisruption = (nodes: readonly NodeObject[]): Disruption => {
  const counted = nodes.filter(({ metadata }) => metadata.labels?.[EXCLUDE_LABEL] === undefined);
  const zones = Map.groupBy(counted, zoneOf);
  return {
    isTotal: zones.size > 0 && [...zones.values()].every(isFullyDisrupted),
    intervalMs: (zone) => intervalOf(zones.get(zone) ?? []),
  };
};
