/** How new instances are spread over zones. */

type Weigh = (zone: string) => number;

/** The zone of the next instance: a zone without any, else the one furthest behind its weight (D'Hondt's method). */
const neediest = (zones: readonly string[], held: ReadonlyMap<string, number>, weigh: Weigh): string | undefined => {
  const has = (zone: string) => held.get(zone) ?? 0;
  const quotient = (zone: string) => weigh(zone) / (has(zone) + 1);
  const [zone] = zones.toSorted(
    (one, other) => Number(has(one) > 0) - Number(has(other) > 0) || quotient(other) - quotient(one),
  );
  return zone;
};

/**
 * Shares `count` instances out over `zones`. Together with those in `taken`, each zone gets at least one if there are enough, and beyond
 * that as many as its share of the weights. Ties go to the zone that is listed first.
 */
export const shareOut = (
  count: number,
  zones: readonly string[],
  taken: readonly string[],
  weigh: Weigh = () => 1,
): ReadonlyMap<string, number> => {
  const held = new Map<string, number>();
  for (const zone of taken) held.set(zone, (held.get(zone) ?? 0) + 1);
  const shares = new Map<string, number>();
  for (let placed = 0; placed < count; placed += 1) {
    const zone = neediest(zones, held, weigh);
    if (zone === undefined) break;
    held.set(zone, (held.get(zone) ?? 0) + 1);
    shares.set(zone, (shares.get(zone) ?? 0) + 1);
  }
  return shares;
};
