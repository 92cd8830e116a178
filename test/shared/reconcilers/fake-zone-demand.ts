import type { ZoneDemand } from "../../../shared/model/zone-demand.ts";
import type { ZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";

/** The demand by zone of one pool in memory; zone-demands.test.ts tests the real table. */
export const createFakeZoneDemands = (): ZoneDemandTable => {
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
