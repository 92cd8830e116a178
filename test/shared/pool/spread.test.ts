import fc from "fast-check";
import { expect, it } from "vitest";
import { shareOut } from "../../../shared/pool/spread.ts";

const ZONES = ["a", "b", "c"];

it.each([
  {
    name: "are spread evenly over zones of equal weight",
    count: 5,
    taken: [],
    weights: {},
    shares: { a: 2, b: 2, c: 1 },
  },
  { name: "go to the zone with the fewest", count: 2, taken: ["a", "a", "b"], weights: {}, shares: { c: 1, b: 1 } },
  {
    name: "are spread in proportion to the weights",
    count: 10,
    taken: [],
    weights: { a: 8, b: 1, c: 1 },
    shares: { a: 8, b: 1, c: 1 },
  },
  { name: "go to each zone at least once", count: 3, taken: [], weights: { a: 100 }, shares: { a: 1, b: 1, c: 1 } },
  {
    name: "go to the zone with the largest weight first if there are too few",
    count: 1,
    taken: [],
    weights: { b: 2 },
    shares: { b: 1 },
  },
])("instances $name", ({ count, taken, weights, shares }) => {
  const weigh = (zone: string) => (weights as Record<string, number>)[zone] ?? 1;
  expect(Object.fromEntries(shareOut(count, ZONES, taken, weigh))).toEqual(shares);
});

it("every instance gets a zone, and every zone an instance if there are enough", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }), (count, weights) => {
      const zones = weights.map((_, index) => `zone-${index}`);
      const shares = shareOut(count, zones, [], (zone) => 1 + (weights[zones.indexOf(zone)] ?? 0));
      const placed = [...shares.values()];
      expect(placed.reduce((sum, share) => sum + share, 0)).toBe(count);
      if (count >= zones.length) expect(placed).toHaveLength(zones.length);
    }),
  );
});
