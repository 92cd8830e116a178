import type { PoolKey } from "../model/keys.ts";
import { withDemand } from "../model/zone-demand.ts";
import type { ReconcilerPorts } from "./ports.ts";

/** Remembers the zones of nodes that pods were given; standby is replenished after it. */
export const noteZones = async (
  { zoneDemands }: Pick<ReconcilerPorts, "zoneDemands">,
  key: PoolKey,
  zones: readonly string[],
  now: number,
): Promise<void> => {
  if (zones.length > 0) await zoneDemands.write(key, withDemand(await zoneDemands.read(key), zones, now));
};
