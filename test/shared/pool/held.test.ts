import { describe, expect, it } from "vitest";
import { describeActions } from "../../../shared/pool/describe-actions.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { statusOf } from "../../../shared/pool/status.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { anEc2, anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";
import { check } from "./decisions.ts";

const paused = (overrides: Parameters<typeof aSpec>[0] = {}) => ({ spec: aSpec({ paused: true, ...overrides }) });
const HOUR = 3_600_000;

describe("a paused pool", () => {
  const stale = () => anInstance("standby", { record: { fingerprint: "made-before" } });
  check([
    { name: "launches nothing", view: aView([], paused({ minStandby: 3 })), does: [] },
    {
      name: "stops no empty node",
      view: aView([anInstance("running", { record: { emptySince: NOW - HOUR } })], paused()),
      does: [],
    },
    {
      name: "recycles no node",
      view: aView(
        [anInstance("running", { record: { startedAt: NOW - HOUR, readyAt: NOW }, pods: [aPod("p")] })],
        paused({ maxNodeRuntimeMs: HOUR }),
      ),
      does: [],
    },
    {
      name: "does not shrink",
      view: aView([anInstance("standby"), anInstance("standby")], paused({ poolSize: 1 })),
      does: [],
    },
    {
      name: "replaces nothing",
      view: aView([stale(), stale()], { ...paused({ minStandby: 1 }), hasPendingPods: false }),
      does: [],
    },
    {
      name: "leaves an instance running that someone has started to look at it",
      view: aView([anInstance("standby", { ec2: { state: "running" } })], paused()),
      does: [],
    },
    {
      name: "ends no stray for which there is no slot",
      view: aView([anInstance("standby")], {
        ...paused({ poolSize: 1 }),
        orphans: [anEc2("running", { instanceId: "i-9" })],
      }),
      does: [],
    },
    {
      name: "finishes warmups",
      view: aView([anInstance("warmup", { ec2: { state: "stopped" } })], paused()),
      does: ["applyNode", "completeTransition standby: WarmupCompleted"],
    },
    { name: "finishes drains", view: aView([anInstance("terminating")], paused()), does: ["terminate"] },
    {
      name: "goes when it is deleted",
      view: aView([anInstance("standby")], { ...paused(), deleting: true }),
      does: ["beginTransition terminating: PoolDeleted"],
    },
  ]);
});

describe("the pool's status", () => {
  const held = (view: PoolView) => statusOf(view).conditions.find(({ type }) => type === "Paused");

  it.each([
    [aView([], paused()), "True", "Paused"],
    [aView([], { spec: aSpec({ dryRun: true }) }), "True", "DryRun"],
    [aView([], { spec: aSpec({ dryRun: true, paused: true }) }), "True", "DryRun"],
    [aView(), "False", "Active"],
    [aView([], { ...paused(), deleting: true }), "False", "Deleting"],
  ])("says whether the pool is held", (view, status, reason) => {
    expect(held(view)).toMatchObject({ status, reason });
  });

  it("has a plan during a rehearsal only", () => {
    expect(statusOf(aView(), undefined, ["launch 1 (Replenish)"]).plan).toEqual(["launch 1 (Replenish)"]);
    expect(statusOf(aView()).plan).toBeNull();
  });

  it("counts outdated standby", () => {
    const stale = anInstance("standby", { record: { fingerprint: "made-before" } });
    expect(statusOf(aView([stale, anInstance("standby")])).stale).toBe(1);
  });
});

describe("a plan in words", () => {
  const words = (view: PoolView) => describeActions(plan(view));

  it("says what is done to which instance, and why", () => {
    const at = (slot: number) => ({ slot, instanceId: `i-${slot}`, nodeName: `n-${slot}` });
    const view = aView(
      [
        anInstance("standby", { record: at(1) }),
        anInstance("stopping", { record: { ...at(2), reason: "MaxRuntime" }, pods: [aPod("p")] }),
        anInstance("terminating", { record: at(3) }),
        anInstance("warmup", { record: at(4), ec2: { state: "stopped" }, node: null }),
        anInstance("running", { record: at(5), ec2: { state: "terminated" } }),
      ],
      { spec: aSpec({ minStandby: 4 }), orphans: [] },
    );
    expect(words(view)).toEqual([
      "i-4 (n-4): warmup → terminating (WarmupFailed)",
      "launch 1 (Replenish)",
      "terminate i-3 (n-3)",
      "evict default/p from i-2 (n-2)",
      "delete node n-5",
      "forget i-5 (n-5), which is gone",
    ]);
  });

  it("names a lost launch and strays", () => {
    const lost = anInstance("warmup", { record: { instanceId: undefined, token: "t" }, ec2: null, node: null });
    const orphans = [anEc2("stopped", { instanceId: "i-8" }), anEc2("stopped", { instanceId: "i-9" })];
    expect(words(aView([lost], { spec: aSpec({ poolSize: 2 }), orphans }))).toEqual([
      "adopt i-8 as standby",
      "repeat the launch t",
      "terminate i-9, which has no slot",
    ]);
  });

  it("is cut to what a status takes", () => {
    const pods = Array.from({ length: 100 }, (_, index) => aPod(`a-pod-with-a-long-name-${index}`));
    const [line = ""] = words(aView([anInstance("stopping", { pods, record: { reason: "MaxRuntime" } })]));
    expect(line).toHaveLength(512);
    const many = Array.from({ length: 100 }, () => anInstance("terminating"));
    expect(words(aView(many, { spec: aSpec({ poolSize: 200 }) }))).toHaveLength(64);
    expect(words(aView(many, { spec: aSpec({ poolSize: 200 }) })).at(-1)).toBe("and 37 more");
  });
});
