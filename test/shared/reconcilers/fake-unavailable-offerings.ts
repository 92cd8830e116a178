import type { UnavailableOfferingsTable } from "../../../shared/state/unavailable-offerings-table.ts";

/** The marks of one cluster in memory; capacity-marks.test.ts tests the real table. */
export const createFakeCapacityMarks = (): UnavailableOfferingsTable => {
  const marks = new Map<string, number>();
  return {
    read: async (_cluster, now) => new Map([...marks].filter(([, until]) => until > now)),
    markUnavailable: async (_cluster, place, until) => void marks.set(place, until),
  };
};
