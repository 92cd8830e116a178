import { describe, expect, it } from "vitest";
import { describeActions } from "../../../shared/pool/describe-actions.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { anEc2, anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";

const describePlan = (view: PoolView) => describeActions(plan(view));

describe("the description of a plan", () => {
  it("states what is done to which instance, and why", () => {
    const named = (slot: number) => ({ slot, instanceId: `i-${slot}`, nodeName: `n-${slot}` });
    const view = aView(
      [
        anInstance("standby", { record: named(1) }),
        anInstance("stopping", { record: { ...named(2), reason: "MaxRuntime" }, pods: [aPod("p")] }),
        anInstance("terminating", { record: named(3) }),
        anInstance("warmup", { record: named(4), ec2: { state: "stopped" }, node: null }),
        anInstance("running", { record: named(5), ec2: { state: "terminated" } }),
      ],
      { spec: aSpec({ minStandby: 4 }), orphans: [] },
    );
    expect(describePlan(view)).toEqual([
      "i-4 (n-4): warmup → terminating (WarmupFailed)",
      "launch 1 (Replenish)",
      "terminate i-3 (n-3)",
      "evict default/p from i-2 (n-2)",
      "delete node n-5",
      "forget i-5 (n-5), which is gone",
    ]);
  });

  it("names launches without an answer, and orphans", () => {
    const unanswered = anInstance("warmup", {
      record: { instanceId: undefined, token: "t", stateSince: NOW },
      ec2: null,
      node: null,
    });
    const orphans = [anEc2("stopped", { instanceId: "i-8" })];
    expect(describePlan(aView([unanswered], { spec: aSpec({ poolSize: 2 }), orphans }))).toEqual([
      "adopt i-8 as standby",
      "look for the instances of launch t, or launch",
    ]);
  });

  it("is cut to what the CRD accepts for status.plan", () => {
    const pods = Array.from({ length: 100 }, (_, index) => aPod(`a-pod-with-a-long-name-${index}`));
    const [line = ""] = describePlan(aView([anInstance("stopping", { pods, record: { reason: "MaxRuntime" } })]));
    expect(line).toHaveLength(512);
    const many = Array.from({ length: 100 }, () => anInstance("terminating"));
    expect(describePlan(aView(many, { spec: aSpec({ poolSize: 200 }) }))).toHaveLength(64);
    expect(describePlan(aView(many, { spec: aSpec({ poolSize: 200 }) })).at(-1)).toBe("and 37 more");
  });
});
