/** How much demand each zone has had. Older demand counts less. */

/** A count as of `at` (ms since the epoch); it decays from then on. */
interface DecayingCount {
  readonly count: number;
  readonly at: number;
}

/** By zone; bounded by the number of zones in a region. */
export type ZoneDemand = Readonly<Record<string, DecayingCount>>;

/** Two weeks cover each day of the week twice, and a zone without demand loses its weight within about three months. */
const HALF_LIFE_MS = 14 * 24 * 3_600_000;

const decayed = ({ count, at }: DecayingCount, now: number): number =>
  count * 2 ** (-Math.max(0, now - at) / HALF_LIFE_MS);

/** Adds one for each of these zones. */
export const withDemand = (demand: ZoneDemand, zones: readonly string[], now: number): ZoneDemand => {
  const added = [...Map.groupBy(zones, (zone) => zone)].map(([zone, { length }]): [string, DecayingCount] => {
    const before = demand[zone];
    return [zone, { count: (before ? decayed(before, now) : 0) + length, at: now }];
  });
  return { ...demand, ...Object.fromEntries(added) };
};

/** A zone's weight among others. A zone without any demand has 1, so that no zone loses its share forever. */
export const weightOf = (demand: ZoneDemand, zone: string, now: number): number => {
  const past = demand[zone];
  return 1 + (past ? decayed(past, now) : 0);
};
