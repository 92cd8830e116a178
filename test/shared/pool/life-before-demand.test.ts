import { describe, expect, it } from "vitest";
import { anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";
import { check, told, wakes } from "./decisions.ts";

describe("replenish", () => {
  const spec = aSpec({ minStandby: 3, poolSize: 4 });
  const running = anInstance("running", { pods: [aPod("p")] });
  check([
    {
      name: "launches what is missing of minStandby",
      view: aView([anInstance("standby")], { spec }),
      does: ["launch 2"],
    },
    {
      name: "counts what is warming up or coming back",
      view: aView([anInstance("warmup"), anInstance("stopping", { ec2: { state: "stopping" } })], { spec }),
      does: ["launch 1"],
    },
    {
      name: "stays within poolSize",
      view: aView([running, anInstance("running", { pods: [aPod("q")] }), anInstance("standby")], { spec }),
      does: ["launch 1"],
    },
    {
      name: "launches nothing while the class is missing",
      view: aView([], { spec, nodeClass: { kind: "missing" } }),
      does: [],
    },
    {
      name: "launches nothing while the class is not ready",
      view: aView([], { spec, nodeClass: { kind: "notReady", message: "no subnets" } }),
      does: [],
    },
    {
      name: "launches nothing for a pool that is being deleted",
      view: aView([], { spec, deleting: true }),
      does: ["dropFinalizer"],
    },
  ]);
});

describe("warmup", () => {
  const stopped = { ec2: { state: "stopped" } } as const;
  check([
    {
      name: "that stopped becomes standby, its node shaped first",
      view: aView([anInstance("warmup", stopped)]),
      does: ["applyNode", "completeTransition standby: WarmupCompleted"],
    },
    {
      name: "whose node never registered is replaced, not made standby",
      view: aView([anInstance("warmup", { ...stopped, node: null })]),
      does: ["beginTransition terminating: WarmupFailed"],
    },
    { name: "under way is left alone", view: aView([anInstance("warmup")]), does: [] },
    {
      name: "that takes too long is stopped into standby",
      view: aView([anInstance("warmup", { record: { stateSince: NOW - 600_000 } })]),
      does: ["force stop"],
    },
    {
      name: "that takes too long without a node is replaced",
      view: aView([anInstance("warmup", { record: { stateSince: NOW - 600_000 }, node: null })]),
      does: ["beginTransition terminating: WarmupTimeout"],
    },
    {
      name: "that takes too long is replaced where the pool says so",
      view: aView([anInstance("warmup", { record: { stateSince: NOW - 600_000 } })], {
        spec: aSpec({ preWarm: { ...aSpec().preWarm, timeoutAction: "terminate" } }),
      }),
      does: ["beginTransition terminating: WarmupTimeout"],
    },
    {
      name: "by ControllerStop is stopped once node and network are ready",
      view: aView(
        [anInstance("warmup", { node: { networkReadySince: NOW - 1000, labels: { "stratos.sh/state": "warmup" } } })],
        {
          spec: aSpec({ preWarm: { ...aSpec().preWarm, completionMode: "ControllerStop" } }),
        },
      ),
      does: ["stop"],
    },
    {
      name: "by ControllerStop waits for the network",
      view: aView([anInstance("warmup")], {
        spec: aSpec({ preWarm: { ...aSpec().preWarm, completionMode: "ControllerStop" } }),
      }),
      does: [],
    },
    {
      name: "without an answer from EC2 repeats its launch, once for all its slots",
      view: aView([
        anInstance("warmup", { record: { instanceId: undefined, token: "t" }, ec2: null, node: null }),
        anInstance("warmup", { record: { instanceId: undefined, token: "t" }, ec2: null, node: null }),
      ]),
      does: ["repeatLaunch"],
    },
    {
      name: "gives a node that registered without labels its labels",
      view: aView([anInstance("warmup", { node: { labels: {} } })]),
      does: ["applyNode"],
    },
  ]);

  it("wakes itself for its timeout", () => {
    expect(wakes(aView([anInstance("warmup")]))).toEqual([540_000]);
  });

  it("says that it failed", () => {
    expect(told(aView([anInstance("warmup", { ...stopped, node: null })]))).toEqual(["WarmupFailed"]);
  });
});

describe("standby", () => {
  check([
    { name: "at rest is left alone", view: aView([anInstance("standby")]), does: [] },
    {
      name: "that someone started is known to run",
      view: aView([anInstance("standby", { ec2: { state: "running" } })]),
      does: ["beginTransition running: StartedFromOutside"],
    },
    {
      name: "over a lowered poolSize is terminated, the oldest first",
      view: aView([anInstance("standby", { record: { slot: 900 } }), anInstance("standby"), anInstance("standby")], {
        spec: aSpec({ poolSize: 2 }),
      }),
      does: ["beginTransition terminating: PoolSizeLowered"],
    },
  ]);
});
