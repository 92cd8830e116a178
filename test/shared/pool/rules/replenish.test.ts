import { describe, expect, it } from "vitest";
import { aBusyInstance, anEc2, anInstance, anOverflowInstance, aSpec, aView } from "../builders.ts";
import { check, events } from "../decisions.ts";

const spec = aSpec({ minStandby: 3, poolSize: 4 });

describe("replenishing standby", () => {
  check([
    {
      name: "launches what is missing of minStandby",
      view: aView([anInstance("standby")], { spec }),
      expected: ["launch 2"],
    },
    {
      name: "launches what is missing after minStandby was raised",
      view: aView([anInstance("standby")], { spec: aSpec({ minStandby: 4 }) }),
      expected: ["launch 3"],
    },
    {
      name: "counts instances that warm up or return",
      view: aView([anInstance("warmup"), anInstance("stopping", { ec2: { state: "stopping" } })], { spec }),
      expected: ["launch 1"],
    },
    {
      name: "counts externally started instances, because they will return",
      view: aView([anInstance("running", { record: { reason: "StartedFromOutside" }, node: { cordoned: true } })], {
        spec: aSpec({ minStandby: 1 }),
      }),
      expected: ["beginTransition stopping: StartedFromOutside"],
    },
    {
      name: "does not count instances that warm up for pending pods",
      view: aView([anOverflowInstance("warmUp"), anInstance("standby")], {
        spec: aSpec({ poolSize: 4, minStandby: 2 }),
      }),
      expected: ["launch 1"],
    },
    {
      name: "stays within poolSize",
      view: aView([aBusyInstance(), aBusyInstance(), anInstance("standby")], { spec }),
      expected: ["launch 1"],
    },
    {
      name: "gives orphans their slots first",
      view: aView([], { spec, orphans: [anEc2("stopped")] }),
      expected: ["adopt as standby"],
    },
    {
      name: "launches nothing while the class is missing",
      view: aView([], { spec, nodeClass: { kind: "missing" } }),
      expected: [],
    },
    {
      name: "launches nothing while the class is not ready",
      view: aView([], { spec, nodeClass: { kind: "notReady", message: "no subnets" } }),
      expected: [],
    },
    {
      name: "launches nothing for a pool that is being deleted",
      view: aView([], { spec, deleting: true }),
      expected: ["dropFinalizer"],
    },
    {
      name: "launches nothing while the pool is paused",
      view: aView([], { spec: aSpec({ paused: true, minStandby: 3 }) }),
      expected: [],
    },
  ]);

  it("is not reported before anything is launched", () => {
    expect(events(aView([], { spec }))).toEqual([]);
  });
});
