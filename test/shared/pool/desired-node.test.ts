import { describe, expect, it } from "vitest";
import { TAINT } from "../../../shared/model/names.ts";
import { desiredNode, nodePatch } from "../../../shared/pool/desired-node.ts";
import { aNode, aRecord, aSpec, NOW } from "./builders.ts";

const startup = { key: "example.com/init", value: "true", effect: "NoSchedule" } as const;
const spec = aSpec({ template: { ...aSpec().template, startupTaints: [startup] } });
const annotations = {
  "stratos.sh/own-taints": "example.com/init:NoSchedule,stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute",
};
const shape = (state: "standby" | "running", record = aRecord(state)) =>
  desiredNode("workers", spec, record, state, NOW);

describe("a node's shape", () => {
  it("of standby has every taint that its next start needs", () => {
    const patch = nodePatch(aNode("n"), shape("standby"));
    expect(patch).toMatchObject({
      metadata: { resourceVersion: "7", labels: { "stratos.sh/state": "standby" } },
      spec: { unschedulable: true, taints: [startup, TAINT.notReady, TAINT.standby] },
    });
  });

  it("of running lifts cordon, standby and shutdown taint at once and keeps the others", () => {
    const taints = [startup, TAINT.notReady, TAINT.standby, TAINT.shutdown];
    const patch = nodePatch(aNode("n", { cordoned: true, taints }), shape("running"));
    expect(patch).toMatchObject({ spec: { unschedulable: null, taints: [startup, TAINT.notReady] } });
  });

  it("leaves a node alone that already has it", () => {
    const wanted = shape("standby");
    const labels = Object.fromEntries(Object.entries(wanted.labels ?? {}).map(([key, value]) => [key, value ?? ""]));
    const node = aNode("n", { cordoned: true, taints: [startup, TAINT.notReady, TAINT.standby], labels, annotations });
    expect(nodePatch(node, wanted)).toBeUndefined();
  });

  it("replaces taints only at the version that was read, and needs no version for labels", () => {
    expect(nodePatch(aNode("n"), { labels: { a: "b" } })).toEqual({ metadata: { labels: { a: "b" } } });
    expect(nodePatch(aNode("n"), { addTaints: [startup] })).toEqual({
      metadata: { resourceVersion: "7" },
      spec: { taints: [startup] },
    });
  });

  it("of standby loses the taints that its pool has given up since, and no others", () => {
    const given = { key: "example.com/former", value: "true", effect: "NoSchedule" };
    const foreign = { key: "example.com/foreign", effect: "NoSchedule" };
    const former = { "stratos.sh/own-taints": "example.com/former:NoSchedule,stratos.sh/standby:NoExecute" };
    const taints = [given, foreign, TAINT.standby];
    const patch = nodePatch(aNode("n", { cordoned: true, taints, annotations: former }), shape("standby"));
    expect(patch).toMatchObject({
      metadata: { annotations },
      spec: { taints: [foreign, TAINT.standby, startup, TAINT.notReady] },
    });
  });

  it("of a node that is just started has the taints that wait for its network, whoever took them off", () => {
    const starting = aRecord("running", { startedAt: NOW });
    const patch = nodePatch(aNode("n", { cordoned: true, taints: [TAINT.standby] }), shape("running", starting));
    expect(patch).toMatchObject({ spec: { taints: [startup, TAINT.notReady] } });
    const up = nodePatch(aNode("n", { cordoned: true }), shape("running", { ...starting, readyAt: NOW }));
    expect(up).not.toHaveProperty("spec.taints");
  });
});
