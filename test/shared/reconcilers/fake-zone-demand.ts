import type { ZoneDemand } from "../../../shared/model/zone-demand.ts";
import type { ZoneDemandTable } from "../../../shared/state/zone-demand-table.ts";
import type { FakeItems } from "./fake-items.ts";

/** The zone demand of one pool in memory; zone-demand-table.test.ts tests the real table. */
export const createFakeZoneDemand = (): ZoneDemandTable & FakeItems => {
  let zones: ZoneDemand = {};
  return {
    read: async () => zones,
    write: async (_key, changed) => {
      zones = changed;
    },
    size: () => Object.keys(zones).length,
    clear: () => {
      zones = {};
    },
  };
};
