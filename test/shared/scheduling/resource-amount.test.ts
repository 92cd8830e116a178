import { describe, expect, it } from "vitest";
import { createAmountsCache } from "../../../shared/scheduling/resource-amount.ts";

describe("amounts of many nodes", () => {
  it("are one object for equal lists", () => {
    const amountsOf = createAmountsCache();
    const amounts = amountsOf({ cpu: "4", pods: "58" });
    expect(amountsOf({ cpu: "4", pods: "58" })).toBe(amounts);
    expect([...amounts]).toEqual([
      ["cpu", 4000],
      ["pods", 58],
    ]);
  });

  it("are not for lists that differ in one amount", () => {
    const amountsOf = createAmountsCache();
    amountsOf({ cpu: "4", pods: "58" });
    expect(amountsOf({ cpu: "4", pods: "59" }).get("pods")).toBe(59);
  });
});
