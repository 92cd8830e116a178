import type { UnavailableOfferingsTable } from "../../../shared/state/unavailable-offerings-table.ts";

/** The unavailable offerings of one cluster in memory; unavailable-offerings-table.test.ts tests the real table. */
export const createFakeUnavailableOfferings = (): UnavailableOfferingsTable => {
  const offerings = new Map<string, number>();
  return {
    read: async (_cluster, now) => new Map([...offerings].filter(([, until]) => until > now)),
    markUnavailable: async (_cluster, offering, until) => void offerings.set(offering, until),
  };
};
