import { describe, expect, it } from "vitest";
import { TAINT } from "../../../shared/names.ts";
import { patchFor, shapeFor } from "../../../shared/pool/node-shape.ts";
import { aNode, aRecord, aSpec, NOW } from "./builders.ts";

const startup = { key: "example.com/init", value: "true", effect: "NoSchedule" } as const;
const spec = aSpec({ template: { ...aSpec().template, startupTaints: [startup] } });
const shape = (state: "standby" | "running", record = aRecord(state)) => shapeFor("workers", spec, record, state, NOW);

describe("a node's shape", () => {
  it("of standby has every taint that its next start needs", () => {
    const patch = patchFor(aNode("n"), shape("standby"));
    expect(patch).toMatchObject({
      metadata: { resourceVersion: "7", labels: { "stratos.sh/state": "standby" } },
      spec: { unschedulable: true, taints: [startup, TAINT.notReady, TAINT.standby] },
    });
  });

  it("of running lifts cordon, standby and shutdown taint at once and keeps the others", () => {
    const taints = [startup, TAINT.notReady, TAINT.standby, TAINT.shutdown];
    const patch = patchFor(aNode("n", { cordoned: true, taints }), shape("running"));
    expect(patch).toMatchObject({ spec: { unschedulable: null, taints: [startup, TAINT.notReady] } });
  });

  it("leaves a node alone that already has it", () => {
    const wanted = shape("standby");
    const labels = Object.fromEntries(Object.entries(wanted.labels ?? {}).map(([key, value]) => [key, value ?? ""]));
    const node = aNode("n", { cordoned: true, taints: [startup, TAINT.notReady, TAINT.standby], labels });
    expect(patchFor(node, wanted)).toBeUndefined();
  });

  it("replaces taints only at the version that was read, and needs no version for labels", () => {
    expect(patchFor(aNode("n"), { labels: { a: "b" } })).toEqual({ metadata: { labels: { a: "b" } } });
    expect(patchFor(aNode("n"), { addTaints: [startup] })).toEqual({
      metadata: { resourceVersion: "7" },
      spec: { taints: [startup] },
    });
  });
});
