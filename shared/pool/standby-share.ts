/**
 * Standby nodes are not Ready, and the node controller holds its evictions back in a zone where too many are not: it slows them
 * down from 55 % on (`--unhealthy-zone-threshold`), and Cluster Autoscaler does nothing from 45 % on
 * (`--max-total-unready-percentage`). So a zone is at risk before that.
 */
import { allInstances, type PoolView } from "./view.ts";

export const MOST_STANDBY_PERCENT = 40;

export interface ZoneShare {
  readonly zone: string;
  readonly nodes: number;
  readonly standby: number;
  /** Of the zone's nodes, those of other pools and of none included. */
  readonly percent: number;
}

/** Of the zones that the pool has instances in, the fullest first. */
export const standbyShares = (view: PoolView): readonly ZoneShare[] => {
  const mine = new Set(allInstances(view).map(({ record }) => record.zone));
  return [...view.zones]
    .filter(([zone, { standby }]) => mine.has(zone) && standby > 0)
    .map(([zone, { nodes, standby }]) => ({ zone, nodes, standby, percent: Math.round((100 * standby) / nodes) }))
    .toSorted((one, other) => other.percent - one.percent);
};
