import type { PoolKey } from "../model/keys.ts";
import { withDemand } from "../model/zone-demand.ts";
import type { ReconcilerPorts } from "./ports.ts";

/** Remembers the zones of nodes that pods were given; standby is replenished after it. */
export const recordZoneDemand = async (
  { zoneDemand }: Pick<ReconcilerPorts, "zoneDemand">,
  key: PoolKey,
  zones: readonly string[],
  now: number,
): Promise<void> => {
  if (zones.length > 0) await zoneDemand.write(key, withDemand(await zoneDemand.read(key), zones, now));
};
