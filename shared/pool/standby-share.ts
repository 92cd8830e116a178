/**
 * Standby nodes are not Ready, and too many of them hold back the failover of their zone: the node controller slows its evictions down
 * from 55 % on (`--unhealthy-zone-threshold`), and Cluster Autoscaler stops acting above 45 % (`--max-total-unready-percentage`).
 */
import { allInstances, type PoolView } from "./view.ts";

export const MAX_STANDBY_PERCENT = 40;

export interface ZoneShare {
  readonly zone: string;
  readonly nodes: number;
  readonly standby: number;
  /** Of all nodes of the zone, whatever pool they are in. */
  readonly percent: number;
}

/** The zones in which the pool has instances, the largest share first. */
export const standbyShares = (view: PoolView): readonly ZoneShare[] => {
  const mine = new Set(allInstances(view).map(({ record }) => record.zone));
  return [...view.zones]
    .filter(([zone, { standby }]) => mine.has(zone) && standby > 0)
    .map(([zone, { nodes, standby }]) => ({ zone, nodes, standby, percent: Math.round((100 * standby) / nodes) }))
    .toSorted((one, other) => other.percent - one.percent);
};

/** Whether the cluster has nodes besides those of pools: without any, slow evictions and an idle Cluster Autoscaler hold nothing back. */
export const hasOtherNodes = ({ zones }: PoolView): boolean => [...zones.values()].some(({ others }) => others > 0);
