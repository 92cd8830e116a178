/** How much demand each zone has had, the more of it remembered the later it was. */

/** A count as it stood at a time, in ms since the epoch, from which it fades. */
interface Fading {
  readonly count: number;
  readonly at: number;
}

/** By zone: as many as a region has. */
export type ZoneDemand = Readonly<Record<string, Fading>>;

/** Two weeks hold each day of the week twice, and a zone that nobody wants any more is forgotten in a season. */
const HALF_LIFE_MS = 14 * 24 * 3_600_000;

const faded = ({ count, at }: Fading, now: number): number => count * 2 ** (-Math.max(0, now - at) / HALF_LIFE_MS);

/** With one more for each of these zones. */
export const withDemand = (demand: ZoneDemand, zones: readonly string[], now: number): ZoneDemand => {
  const added = [...Map.groupBy(zones, (zone) => zone)].map(([zone, { length }]): [string, Fading] => {
    const before = demand[zone];
    return [zone, { count: (before ? faded(before, now) : 0) + length, at: now }];
  });
  return { ...demand, ...Object.fromEntries(added) };
};

/** A zone's weight among others; a zone without any demand has 1, so that none loses its share for ever. */
export const weightOf = (demand: ZoneDemand, zone: string, now: number): number => {
  const past = demand[zone];
  return 1 + (past ? faded(past, now) : 0);
};
