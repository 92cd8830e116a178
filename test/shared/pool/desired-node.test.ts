import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { TAINT } from "../../../shared/model/names.ts";
import { desiredNode, nodePatch } from "../../../shared/pool/desired-node.ts";
import { aNode, aRecord, aSpec, NOW } from "./builders.ts";

const startup = { key: "example.com/init", value: "true", effect: "NoSchedule" } as const;
const spec = aSpec({ template: { ...aSpec().template, startupTaints: [startup] } });
const annotations = {
  "stratos.sh/own-taints": "example.com/init:NoSchedule,stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute",
  "stratos.sh/own-labels": "node.kubernetes.io/exclude-from-external-load-balancers,stratos.sh/pool",
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
    const all = { ...standby.labels, ...standby.ownLabels };
    const labels = Object.fromEntries(Object.entries(all).map(([key, value]) => [key, value ?? ""]));
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

  it.each(["standby", "running"] as const)("has the labels of its instance type when %s, if it has any", (state) => {
    const labels = { "node.kubernetes.io/instance-type": "m5.large", "beta.kubernetes.io/instance-type": "m5.large" };
    const changed = {
      "node.kubernetes.io/instance-type": "m6i.large",
      "beta.kubernetes.io/instance-type": "m6i.large",
    };
    const resized = desired(state, { instanceType: "m6i.large" });
    expect(nodePatch(aNode("n", { labels }), resized)).toMatchObject({ metadata: { labels: changed } });
    expect(nodePatch(aNode("n", { labels: changed }), { instanceType: "m6i.large" })).toBeUndefined();
    expect(nodePatch(aNode("n"), { instanceType: "m6i.large" })).toBeUndefined();
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

  it("does not note them again if somebody took the label of its state off", () => {
    const noted = { ...annotations, "stratos.sh/kept-taints": "maintenance:NoSchedule" };
    const agent = { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" };
    const node = aNode("n", { cordoned: true, taints: [startup, agent], annotations: noted });
    const patch = nodePatch(node, desired("standby"));
    expect(patch).not.toHaveProperty(["metadata", "annotations", "stratos.sh/kept-taints"]);
    expect(patch).not.toHaveProperty(["metadata", "annotations", "stratos.sh/hold"]);
  });

  it("gets the value that a taint of its pool has now", () => {
    const taints = [{ ...startup, value: "former" }, TAINT.notReady, TAINT.standby];
    const patch = nodePatch(aNode("n", { cordoned: true, taints, annotations }), desired("standby"));
    expect(patch).toMatchObject({ spec: { taints: [TAINT.notReady, TAINT.standby, startup] } });
  });

  describe("has labels of its own", () => {
    const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";
    const ownedBy = (keys: string) => ({ "stratos.sh/own-labels": keys });
    const labelsOf = (labels: Record<string, string>, noted: Record<string, string>, state: "standby" | "running") =>
      nodePatch(aNode("n", { labels, annotations: noted }), desired(state));

    it("and loses those that its pool no longer has, but not those of others", () => {
      const patch = labelsOf({ team: "build", mine: "1" }, ownedBy("stratos.sh/pool,team"), "standby");
      expect(patch).toMatchObject({ metadata: { labels: { team: null } } });
      expect(patch).not.toHaveProperty("metadata.labels.mine");
    });

    it("and is excluded from load balancers until its next start", () => {
      expect(labelsOf({}, {}, "standby")).toMatchObject({ metadata: { labels: { [EXCLUDED]: "true" } } });
      const started = labelsOf({ [EXCLUDED]: "true" }, ownedBy(`${EXCLUDED},stratos.sh/pool`), "running");
      expect(started).toMatchObject({ metadata: { labels: { [EXCLUDED]: null } } });
    });

    it("and stays excluded if somebody else excluded it while it was running", () => {
      const stopped = labelsOf({ [EXCLUDED]: "true" }, ownedBy("stratos.sh/pool"), "standby");
      expect(stopped).not.toHaveProperty(["metadata", "annotations", "stratos.sh/own-labels"]);
      const started = labelsOf({ [EXCLUDED]: "true" }, ownedBy("stratos.sh/pool"), "running");
      expect(started).not.toHaveProperty(["metadata", "labels", EXCLUDED]);
    });
  });

  describe("is put on hold if somebody cordoned it", () => {
    const leaving = (state: string, cordoned: boolean) =>
      nodePatch(aNode("n", { cordoned, labels: { "stratos.sh/state": state } }), desired("standby"));
    const HOLD = ["metadata", "annotations", "stratos.sh/hold"];
    it("while it was running", () => {
      expect(leaving("running", true)).toHaveProperty(HOLD, "Cordoned");
    });
    it("and not by the cordon of a warmup or a drain, nor without one", () => {
      expect(leaving("running", false)).not.toHaveProperty(HOLD);
      expect(leaving("warmup", true)).not.toHaveProperty(HOLD);
      expect(leaving("stopping", true)).not.toHaveProperty(HOLD);
    });
    it("and then keeps its cordon when it runs again", () => {
      const node = aNode("n", { cordoned: true, annotations: { "stratos.sh/hold": "" } });
      expect(nodePatch(node, desired("running"))).not.toHaveProperty("spec.unschedulable");
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
