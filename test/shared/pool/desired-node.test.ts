import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { TAINT } from "../../../shared/model/names.ts";
import { desiredNode, nodePatch } from "../../../shared/pool/desired-node.ts";
import { aNode, aRecord, aSpec, NOW } from "./builders.ts";

const startup = { key: "example.com/init", value: "true", effect: "NoSchedule" } as const;
const spec = aSpec({ template: { ...aSpec().template, startupTaints: [startup] } });
const annotations = {
  "stratos.sh/own-taints": "example.com/init:NoSchedule,stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute",
};
const desired = (state: "standby" | "running", overrides: Partial<InstanceRecord> = {}) =>
  desiredNode("workers", spec, aRecord(state, overrides));

describe("the desired node", () => {
  it("has every taint in standby that its next start needs", () => {
    const patch = nodePatch(aNode("n"), desired("standby"));
    expect(patch).toMatchObject({
      metadata: { resourceVersion: "7", labels: { "stratos.sh/state": "standby" } },
      spec: { unschedulable: true, taints: [startup, TAINT.notReady, TAINT.standby] },
    });
  });

  it("loses cordon, standby taint and shutdown taint when running, and keeps other taints", () => {
    const taints = [startup, TAINT.notReady, TAINT.standby, TAINT.shutdown];
    const patch = nodePatch(aNode("n", { cordoned: true, taints }), desired("running"));
    expect(patch).toMatchObject({ spec: { unschedulable: null, taints: [startup, TAINT.notReady] } });
  });

  it("needs no patch if the node already looks like it", () => {
    const standby = desired("standby", { slot: 1 });
    const labels = Object.fromEntries(Object.entries(standby.labels ?? {}).map(([key, value]) => [key, value ?? ""]));
    const node = aNode("n", { cordoned: true, taints: [startup, TAINT.notReady, TAINT.standby], labels, annotations });
    expect(nodePatch(node, standby)).toBeUndefined();
  });

  it("is patched at the resourceVersion that was read if taints change, and at any if only labels change", () => {
    expect(nodePatch(aNode("n"), { labels: { a: "b" } })).toEqual({ metadata: { labels: { a: "b" } } });
    expect(nodePatch(aNode("n"), { addTaints: [startup] })).toEqual({
      metadata: { resourceVersion: "7" },
      spec: { taints: [startup] },
    });
  });

  it("loses the taints that its pool no longer has, and keeps others", () => {
    const own = { key: "example.com/former", value: "true", effect: "NoSchedule" };
    const foreign = { key: "example.com/foreign", effect: "NoSchedule" };
    const previous = { "stratos.sh/own-taints": "example.com/former:NoSchedule,stratos.sh/standby:NoExecute" };
    const taints = [own, foreign, TAINT.standby];
    const patch = nodePatch(aNode("n", { cordoned: true, taints, annotations: previous }), desired("standby"));
    expect(patch).toMatchObject({
      metadata: { annotations },
      spec: { taints: [foreign, TAINT.standby, startup, TAINT.notReady] },
    });
  });

  it("has the readiness taints until the started node is Ready, even if something removed them", () => {
    const patch = nodePatch(
      aNode("n", { cordoned: true, taints: [TAINT.standby] }),
      desired("running", { startedAt: NOW }),
    );
    expect(patch).toMatchObject({ spec: { taints: [startup, TAINT.notReady] } });
    const ready = nodePatch(aNode("n", { cordoned: true }), desired("running", { startedAt: NOW, readyAt: NOW }));
    expect(ready).not.toHaveProperty("spec.taints");
  });

  describe("notes the taints of others", () => {
    const agent = { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" };
    const byHand = { key: "maintenance", effect: "NoSchedule" };
    const noted = (from: "warmup" | "running" | "stopping" | "standby", to: "standby" | "stopping" | "running") => {
      const labels = { "stratos.sh/state": from };
      const node = aNode("n", { labels, taints: [startup, byHand, agent, TAINT.shutdown] });
      const own = desiredNode("workers", spec, aRecord(to));
      const patch = nodePatch(node, own) as { metadata?: { annotations?: Record<string, string | null> } } | undefined;
      return patch?.metadata?.annotations?.["stratos.sh/kept-taints"];
    };
    it.each([
      ["running", "standby", "maintenance:NoSchedule"],
      ["warmup", "standby", "maintenance:NoSchedule"],
    ] as const)("when the node goes from %s to %s, but not those of agents that are down", (from, to, expected) => {
      expect(noted(from, to)).toBe(expected);
    });
    it("when a drain begins", () => {
      expect(noted("running", "stopping")).toContain("maintenance:NoSchedule");
    });
    it.each([
      ["stopping", "standby"],
      ["standby", "running"],
    ] as const)("and keeps what it noted from %s to %s", (from, to) => {
      expect(noted(from, to)).toBeUndefined();
    });
  });

  it("gets back no startup taint during a start if somebody else removes them, and all of them in standby", () => {
    const external = aSpec({ template: { startupTaints: [startup], startupTaintRemoval: "External" } });
    const tainted = (state: "running" | "standby") =>
      nodePatch(
        aNode("n", { cordoned: true, taints: [TAINT.standby] }),
        desiredNode("workers", external, aRecord(state, { startedAt: NOW })),
      );
    expect(tainted("running")).toMatchObject({ spec: { taints: [TAINT.notReady] } });
    expect(tainted("standby")).toMatchObject({ spec: { taints: [TAINT.standby, startup, TAINT.notReady] } });
  });
});
