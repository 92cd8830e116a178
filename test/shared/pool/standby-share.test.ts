import { describe, expect, it } from "vitest";
import { standbyShares } from "../../../shared/pool/standby-share.ts";
import { anInstance, aView } from "./builders.ts";

const inZone = (zone: string) => anInstance("standby", { record: { zone } });

describe("the standby shares of a pool", () => {
  it("have the largest share first, in whole percent", () => {
    const zones = new Map([
      ["us-east-1a", { nodes: 10, standby: 5, others: 1 }],
      ["us-east-1b", { nodes: 3, standby: 2, others: 1 }],
    ]);
    expect(standbyShares(aView([inZone("us-east-1a"), inZone("us-east-1b")], { zones }))).toEqual([
      { zone: "us-east-1b", nodes: 3, standby: 2, percent: 67 },
      { zone: "us-east-1a", nodes: 10, standby: 5, percent: 50 },
    ]);
  });

  it("leave out zones without instances of the pool, and zones without standby", () => {
    const zones = new Map([
      ["us-east-1a", { nodes: 10, standby: 0, others: 1 }],
      ["us-east-1b", { nodes: 10, standby: 9, others: 1 }],
    ]);
    expect(standbyShares(aView([inZone("us-east-1a")], { zones }))).toEqual([]);
  });
});
