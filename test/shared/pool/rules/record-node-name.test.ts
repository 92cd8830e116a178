import { describe, expect, it } from "vitest";
import { aNode, anInstance, aView } from "../builders.ts";
import { recordChanges } from "../decisions.ts";

describe("the name of a node", () => {
  const unnamed = anInstance("warmup", { record: { nodeName: undefined }, node: null });
  const joined = { ...unnamed, node: aNode("node-1", { labels: { "stratos.sh/state": "warmup" } }) };

  it("is recorded when the node is first seen", () => {
    expect(recordChanges(aView([joined]))).toEqual([{ nodeName: "node-1" }]);
  });

  it("is recorded once", () => {
    expect(recordChanges(aView([anInstance("warmup", { record: { nodeName: "node-1" } })]))).toEqual([]);
  });

  it("is not recorded while there is no node", () => {
    expect(recordChanges(aView([unnamed]))).toEqual([]);
  });

  it("is recorded together with a later decision on the same instance", () => {
    const running = anInstance("running", { record: { nodeName: undefined }, node: null });
    const empty = { ...running, node: aNode("node-1", { labels: { "stratos.sh/state": "running" } }) };
    expect(recordChanges(aView([empty]))).toEqual([{ nodeName: "node-1", emptySince: expect.any(Number) }]);
  });
});
