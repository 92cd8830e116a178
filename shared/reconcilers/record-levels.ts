import type { PoolKey } from "../model/keys.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/** The fields of a NodePool's status that levels are taken from. */
export interface LevelStatus {
  readonly degradedReason?: string | null;
  readonly standby?: number;
  readonly desiredStandby?: number;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/**
 * Records what is wrong with a pool for as long as it is: a count of failures would fall as retries become rare, and its alarm would end while
 * nothing is better. A pool that is well records nothing. A paused pool may lack standby.
 */
export const recordLevels = (
  { recordMetric }: Telemetry,
  { cluster, pool }: PoolKey,
  { degradedReason, standby = 0, desiredStandby = 0, conditions = [] }: LevelStatus,
): void => {
  const dimensions = { Cluster: cluster, Pool: pool };
  if (degradedReason) recordMetric("degraded", 1, dimensions, { reason: degradedReason });
  if (conditions.some(({ type, status }) => type === "Paused" && status === "True")) return;
  if (standby < desiredStandby) recordMetric("standbyMissing", desiredStandby - standby, dimensions);
  if (standby === 0 && desiredStandby > 0) recordMetric("noStandby", 1, dimensions);
};
