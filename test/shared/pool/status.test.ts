import { describe, expect, it } from "vitest";
import type { Problem } from "../../../shared/pool/status.ts";
import { statusOf } from "../../../shared/pool/status.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { aBusyInstance, anInstance, aSpec, aView, driftedStandby, MINUTE, NOW } from "./builders.ts";

const conditionOf = (view: PoolView, type: string, problem?: Problem) =>
  statusOf(view, problem).conditions.find((found) => found.type === type);

/** `<status> <reason>` of a condition. */
const condition = (view: PoolView, type: string, problem?: Problem) => {
  const { status, reason } = conditionOf(view, type, problem) ?? {};
  return `${status} ${reason}`;
};

describe("the counts of a pool's status", () => {
  it("are by state; terminating instances count in the total only", () => {
    const view = aView([anInstance("warmup"), anInstance("standby"), aBusyInstance(), anInstance("terminating")]);
    expect(statusOf(view)).toMatchObject({ warmup: 1, standby: 1, running: 1, stopping: 0, total: 4 });
  });

  it("include drifted standby", () => {
    expect(statusOf(aView([driftedStandby(), anInstance("standby")])).stale).toBe(1);
  });
});

const SMALL = { spec: aSpec({ poolSize: 1, minStandby: 1 }) };

describe("a pool", () => {
  it.each([
    {
      name: "less standby than desired",
      instances: [anInstance("standby")],
      minStandby: 2,
      ready: "False Warming",
    },
    {
      name: "as much standby as desired",
      instances: [anInstance("standby")],
      minStandby: 1,
      ready: "True StandbyAvailable",
    },
    {
      name: "no slot left for standby",
      instances: [aBusyInstance(), aBusyInstance()],
      minStandby: 2,
      ready: "True StandbyAvailable",
    },
  ])("has Ready $ready with $name", ({ instances, minStandby, ready }) => {
    expect(condition(aView(instances, { spec: aSpec({ minStandby, poolSize: 2 }) }), "Ready")).toBe(ready);
  });

  it("stays Ready for this generation once it was, while StandbyAvailable follows the numbers", () => {
    const spec = aSpec({ minStandby: 1 });
    const used = aView([], { spec, generation: 2, readyGeneration: 2 });
    expect(condition(used, "Ready")).toBe("True Replenishing");
    expect(condition(used, "StandbyAvailable")).toBe("False StandbyBelowTarget");
    const changed = aView([], { spec, generation: 3, readyGeneration: 2 });
    expect(condition(changed, "Ready")).toBe("False Warming");
    expect(condition(aView([anInstance("standby")], { spec }), "StandbyAvailable")).toBe("True StandbyAvailable");
  });

  it("is Ready again after its node class was not, although standby has been used meanwhile", () => {
    const spec = aSpec({ minStandby: 1 });
    const reached = statusOf(aView([anInstance("standby")], { spec })).readyGeneration ?? undefined;
    const unusable = aView([], { spec, readyGeneration: reached, nodeClass: { kind: "missing" } });
    expect(condition(unusable, "Ready")).toBe("False NodeClassNotFound");
    const { readyGeneration, conditions } = statusOf(unusable);
    const again = aView([], { spec, readyGeneration: readyGeneration ?? undefined, conditions });
    expect(condition(again, "Ready")).toBe("True Replenishing");
  });

  it("does not claim to replenish or warm up anything while it is paused or a dry run", () => {
    const paused = { spec: aSpec({ minStandby: 1, paused: true }), generation: 1 };
    expect(condition(aView([], { ...paused, readyGeneration: 1 }), "Ready")).toBe("True Paused");
    expect(condition(aView([], paused), "Ready")).toBe("False Paused");
    const dryRun = { spec: aSpec({ minStandby: 1, dryRun: true }), generation: 1 };
    expect(condition(aView([], dryRun), "Ready")).toBe("False DryRun");
  });

  it("is not Ready before its first instances are warm, although they take all of its slots", () => {
    const view = aView([anInstance("warmup")], { spec: aSpec({ poolSize: 1, minStandby: 1 }) });
    expect(condition(view, "Ready")).toBe("False Warming");
  });

  it("is not Ready without its node class", () => {
    const conditions = [{ type: "Ready", status: "True", observedGeneration: 1 }];
    const view = aView([anInstance("standby")], { nodeClass: { kind: "missing" }, generation: 1, conditions });
    expect(condition(view, "Ready")).toBe("False NodeClassNotFound");
  });

  it("is not Ready and desires no standby while it is being deleted", () => {
    const conditions = [{ type: "Ready", status: "True", observedGeneration: 1 }];
    const view = aView([], { spec: aSpec({ minStandby: 1 }), generation: 1, conditions, deleting: true });
    expect(condition(view, "Ready")).toBe("False Deleting");
    expect(condition(view, "StandbyAvailable")).toBe("True StandbyAvailable");
    expect(statusOf(view).desiredStandby).toBe(0);
  });

  it("has a message for each condition", () => {
    expect(statusOf(aView()).conditions.filter(({ message }) => message === "")).toEqual([]);
  });

  it.each([
    { view: aView([], { nodeClass: { kind: "missing" } }), degraded: "True NodeClassNotFound" },
    { view: aView([], { nodeClass: { kind: "notReady", message: "" } }), degraded: "True NodeClassNotReady" },
    { view: aView([aBusyInstance()], { ...SMALL, pending: { count: 2, unserved: 2 } }), degraded: "True AtCapacity" },
    { view: aView([aBusyInstance()], SMALL), degraded: "False AsExpected" },
    { view: aView([aBusyInstance()], { ...SMALL, pending: { count: 2, unserved: 0 } }), degraded: "False AsExpected" },
    {
      view: aView([anInstance("warmup")], { ...SMALL, pending: { count: 2, unserved: 2 } }),
      degraded: "False AsExpected",
    },
    { view: aView([aBusyInstance()], { pending: { count: 2, unserved: 2 } }), degraded: "False AsExpected" },
    { view: aView(), degraded: "False AsExpected" },
  ])("has Degraded $degraded", ({ view, degraded }) => {
    expect(condition(view, "Degraded")).toBe(degraded);
    const [status, reason] = degraded.split(" ");
    expect(statusOf(view).degradedReason).toBe(status === "True" ? reason : null);
  });

  it.each([
    { standby: 40, high: "False AsExpected" },
    { standby: 41, high: "True ZoneAtRisk" },
  ])("has StandbyShareHigh $high with $standby % standby in a zone", ({ standby, high }) => {
    const zones = new Map([
      ["us-east-1a", { nodes: 100, standby, others: 1 }],
      ["us-east-1b", { nodes: 100, standby: 90, others: 1 }],
    ]);
    expect(condition(aView([anInstance("standby")], { zones }), "StandbyShareHigh")).toBe(high);
  });

  it("does not warn of standby on a cluster that has only nodes of pools, because nothing else could suffer", () => {
    const zone = { nodes: 10, standby: 9, others: 0 };
    const sharesWith = (others: number) =>
      new Map(Object.entries({ "us-east-1a": zone, "us-east-1b": { ...zone, others } }));
    const view = (others: number) => aView([anInstance("standby")], { zones: sharesWith(others) });
    expect(condition(view(0), "StandbyShareHigh")).toBe("False AsExpected");
    expect(conditionOf(view(0), "StandbyShareHigh")?.message).toMatch(/no nodes besides those of pools/);
    expect(condition(view(1), "StandbyShareHigh")).toBe("True ZoneAtRisk");
  });

  it("reports the zone with the largest standby share, and the remedy", () => {
    const zones = new Map([
      ["us-east-1a", { nodes: 10, standby: 5, others: 1 }],
      ["us-east-1b", { nodes: 10, standby: 9, others: 1 }],
    ]);
    const view = aView([anInstance("standby"), anInstance("standby", { record: { zone: "us-east-1b" } })], { zones });
    expect(conditionOf(view, "StandbyShareHigh")?.message).toMatch(/9 of 10 nodes in us-east-1b .*nodeObject: Delete/);
  });

  it("reports instances that EC2 refuses to terminate", () => {
    const refusal = { count: 2, at: NOW, message: "it is protected" };
    const view = aView([anInstance("terminating", { record: { instanceId: "i-kept", refusal } })], {
      deleting: true,
      nodeClass: { kind: "missing" },
    });
    expect(conditionOf(view, "Degraded")).toMatchObject({
      status: "True",
      message: "i-kept cannot be terminated: it is protected",
    });
  });

  it("names an instance whose start has failed, until that is no news", () => {
    const failed = (ago: number) => {
      const startFailures = { count: 1, at: NOW - ago, message: "EC2 undid the start: Client.InternalError" };
      return aView([anInstance("standby", { record: { instanceId: "i-bad", startFailures } })]);
    };
    expect(conditionOf(failed(15 * MINUTE - 1), "Degraded")).toMatchObject({
      status: "True",
      reason: "StartFailing",
      message: "i-bad did not start: EC2 undid the start: Client.InternalError",
    });
    expect(condition(failed(15 * MINUTE), "Degraded")).toBe("False AsExpected");
  });

  it("reports what failed in this reconcile", () => {
    const problem = { reason: "InsufficientCapacity", message: "no m5.large" } as const;
    expect(condition(aView(), "Degraded", problem)).toBe("True InsufficientCapacity");
  });

  it("cuts its messages to what the API server accepts", () => {
    const problem = { reason: "CloudProviderError", message: "x".repeat(100_000) } as const;
    expect(conditionOf(aView(), "Degraded", problem)?.message).toHaveLength(32_768);
  });

  it("keeps a condition's transition time until its status changes", () => {
    const previous = { type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" };
    const kept = conditionOf(aView([], { conditions: [previous] }), "Ready");
    const changed = conditionOf(aView([], { conditions: [previous], spec: aSpec({ minStandby: 1 }) }), "Ready");
    expect(kept?.lastTransitionTime).toBe("2026-01-01T00:00:00Z");
    expect(changed?.lastTransitionTime).toBe(new Date(NOW).toISOString().replace(".000", ""));
  });

  it.each([
    { pool: "a paused pool", view: aView([], { spec: aSpec({ paused: true }) }), paused: "True Paused" },
    { pool: "a dry run", view: aView([], { spec: aSpec({ dryRun: true }) }), paused: "True DryRun" },
    {
      pool: "a dry run of a paused pool",
      view: aView([], { spec: aSpec({ dryRun: true, paused: true }) }),
      paused: "True DryRun",
    },
    { pool: "an active pool", view: aView(), paused: "False Active" },
    {
      pool: "a paused pool that is being deleted",
      view: aView([], { spec: aSpec({ paused: true }), deleting: true }),
      paused: "False Deleting",
    },
  ])("has Paused $paused in $pool", ({ view, paused }) => {
    expect(condition(view, "Paused")).toBe(paused);
  });

  it("has a plan in its status during a dry run only", () => {
    expect(statusOf(aView(), undefined, ["launch 1 (Replenish)"]).plan).toEqual(["launch 1 (Replenish)"]);
    expect(statusOf(aView()).plan).toBeNull();
  });
});
