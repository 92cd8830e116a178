import { expect, it } from "vitest";
import { weightOf, withDemand } from "../../../shared/model/zone-demand.ts";

const DAY = 24 * 3_600_000;

it("a zone weighs one, plus one for each node that was needed there", () => {
  const demand = withDemand({}, ["a", "a", "b"], 0);
  expect(["a", "b", "c"].map((zone) => weightOf(demand, zone, 0))).toEqual([3, 2, 1]);
});

it("demand of two weeks ago counts half", () => {
  const demand = withDemand({}, ["a", "a", "a", "a"], 0);
  expect(weightOf(demand, "a", 14 * DAY)).toBe(3);
  expect(weightOf(withDemand(demand, ["a"], 14 * DAY), "a", 14 * DAY)).toBe(4);
  expect(weightOf(demand, "a", 365 * DAY)).toBeCloseTo(1);
});
