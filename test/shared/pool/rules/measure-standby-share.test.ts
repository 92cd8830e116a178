import { describe, expect, it } from "vitest";
import { anInstance, aView } from "../builders.ts";
import { metrics } from "../decisions.ts";

const zones = new Map([
  ["us-east-1a", { nodes: 10, standby: 5, others: 1 }],
  ["us-east-1b", { nodes: 10, standby: 9, others: 1 }],
]);

describe("the share of standby nodes", () => {
  it("is recorded for each zone with instances of the pool", () => {
    const inBoth = [anInstance("standby"), anInstance("standby", { record: { zone: "us-east-1b" } })];
    expect(metrics(aView(inBoth, { zones }))).toEqual([
      { metric: "standbyShare", value: 90, labels: { zone: "us-east-1b" } },
      { metric: "standbyShare", value: 50, labels: { zone: "us-east-1a" } },
    ]);
    expect(metrics(aView([anInstance("standby")], { zones }))).toEqual([
      { metric: "standbyShare", value: 50, labels: { zone: "us-east-1a" } },
    ]);
  });

  it("is not recorded for a pool without node objects in standby", () => {
    expect(metrics(aView([anInstance("standby")]))).toEqual([]);
  });

  it("is recorded for instances that another rule has claimed, too", () => {
    expect(metrics(aView([anInstance("standby")], { zones, deleting: true }))).toEqual([
      { metric: "standbyShare", value: 50, labels: { zone: "us-east-1a" } },
    ]);
  });
});
