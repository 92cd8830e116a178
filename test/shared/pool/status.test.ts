import { describe, expect, it } from "vitest";
import type { Problem } from "../../../shared/pool/status.ts";
import { statusOf } from "../../../shared/pool/status.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";

const condition = (view: PoolView, type: string, problem?: Problem) => {
  const { status, reason } = statusOf(view, problem).conditions.find((found) => found.type === type) ?? {};
  return `${status} ${reason}`;
};

const busy = () => anInstance("running", { pods: [aPod("p")] });

describe("status", () => {
  it("counts instances by state, terminating ones in the total only", () => {
    const view = aView([anInstance("warmup"), anInstance("standby"), busy(), anInstance("terminating")]);
    expect(statusOf(view)).toMatchObject({ warmup: 1, standby: 1, running: 1, stopping: 0, total: 4 });
  });

  it.each([
    {
      name: "standby below target",
      instances: [anInstance("standby")],
      minStandby: 2,
      ready: "False StandbyBelowTarget",
    },
    { name: "standby at target", instances: [anInstance("standby")], minStandby: 1, ready: "True StandbyAvailable" },
    { name: "no room left for standby", instances: [busy(), busy()], minStandby: 2, ready: "True StandbyAvailable" },
  ])("is $ready with $name", ({ instances, minStandby, ready }) => {
    expect(condition(aView(instances, { spec: aSpec({ minStandby, poolSize: 2 }) }), "Ready")).toBe(ready);
  });

  it.each([
    { view: aView([], { nodeClass: { kind: "missing" } }), degraded: "True NodeClassNotFound" },
    { view: aView([], { nodeClass: { kind: "notReady", message: "" } }), degraded: "True NodeClassNotReady" },
    { view: aView([busy()], { spec: aSpec({ poolSize: 1, minStandby: 1 }) }), degraded: "True AtCapacity" },
    { view: aView(), degraded: "False AsExpected" },
  ])("is degraded: $degraded", ({ view, degraded }) => {
    expect(condition(view, "Degraded")).toBe(degraded);
  });

  it.each([
    { standby: 40, high: "False AsExpected" },
    { standby: 41, high: "True ZoneAtRisk" },
  ])("warns of a zone with more than 40 % standby: $standby", ({ standby, high }) => {
    const zones = new Map([
      ["us-east-1a", { nodes: 100, standby }],
      ["us-east-1b", { nodes: 100, standby: 90 }],
    ]);
    expect(condition(aView([anInstance("standby")], { zones }), "StandbyShareHigh")).toBe(high);
  });

  it("names the fullest zone, and what helps", () => {
    const zones = new Map([
      ["us-east-1a", { nodes: 10, standby: 5 }],
      ["us-east-1b", { nodes: 10, standby: 9 }],
    ]);
    const view = aView([anInstance("standby"), anInstance("standby", { record: { zone: "us-east-1b" } })], { zones });
    const found = statusOf(view).conditions.find(({ type }) => type === "StandbyShareHigh");
    expect(found?.message).toMatch(/9 of 10 nodes in us-east-1b .*nodeObject: Delete/);
  });

  it("names what EC2 refuses to terminate", () => {
    const refusal = { count: 2, at: NOW, message: "it is protected" };
    const view = aView([anInstance("terminating", { record: { instanceId: "i-kept", refusal } })], {
      deleting: true,
      nodeClass: { kind: "missing" },
    });
    const degraded = statusOf(view).conditions.find(({ type }) => type === "Degraded");
    expect(degraded).toMatchObject({ status: "True", message: "i-kept cannot be terminated: it is protected" });
  });

  it("shows what went wrong while acting", () => {
    const problem = { reason: "InsufficientCapacity", message: "no m5.large" } as const;
    expect(condition(aView(), "Degraded", problem)).toBe("True InsufficientCapacity");
  });

  it("says no more than the API server takes", () => {
    const problem = { reason: "CloudProviderError", message: "x".repeat(100_000) } as const;
    const degraded = statusOf(aView(), problem).conditions.find(({ type }) => type === "Degraded");
    expect(degraded?.message).toHaveLength(32_768);
  });

  it("keeps a condition's transition time until its status changes", () => {
    const before = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
    const kept = statusOf(aView([], { conditions: [before] })).conditions.find(({ type }) => type === "Ready");
    const view = aView([], { conditions: [before], spec: aSpec({ minStandby: 1 }) });
    const changed = statusOf(view).conditions.find(({ type }) => type === "Ready");
    expect(kept?.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
    expect(changed?.lastTransitionTime).toBe(new Date(NOW).toISOString().replace(".000", ""));
  });
});
