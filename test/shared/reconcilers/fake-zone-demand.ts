import type { ZoneDemand } from "../../../shared/model/zone-demand.ts";
import type { ZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";

/** The zone demand of one pool in memory; zone-demand-table.test.ts tests the real table. */
export const createFakeZoneDemand = (): ZoneDemandTable => {
  let zones: ZoneDemand = {};
  return {
    read: async () => zones,
    drop: async () => {
      zones = {};
    },
    write: async (_key, changed) => {
      zones = changed;
    },
  };
};
