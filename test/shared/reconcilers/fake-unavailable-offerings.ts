import type { CapacityMarkTable } from "../../../shared/state/unavailable-offerings-table.ts";

/** The marks of one cluster in memory; capacity-marks.test.ts tests the real table. */
export const createFakeCapacityMarks = (): CapacityMarkTable => {
  const marks = new Map<string, number>();
  return {
    read: async (_cluster, now) => new Map([...marks].filter(([, until]) => until > now)),
    mark: async (_cluster, place, until) => void marks.set(place, until),
  };
};
