import { describe, expect, it } from "vitest";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aSpec, aView, NOW } from "../builders.ts";
import { check, notes, summary, told } from "../decisions.ts";

describe("changed from outside", () => {
  check([
    {
      name: "a standby instance on its way up is waited for",
      view: aView([anInstance("standby", { ec2: { state: "pending" } })]),
      does: [],
    },
    {
      name: "one that someone started goes back to standby the usual way",
      view: aView([anInstance("running", { record: { reason: "StartedFromOutside" }, node: { cordoned: true } })]),
      does: ["beginTransition stopping: StartedFromOutside"],
    },
    {
      name: "nothing is launched in the place of one that will be back",
      view: aView([anInstance("running", { record: { reason: "StartedFromOutside" }, node: { cordoned: true } })], {
        spec: aSpec({ minStandby: 1 }),
      }),
      does: ["beginTransition stopping: StartedFromOutside"],
    },
    {
      name: "a terminated one is forgotten with its node",
      view: aView([anInstance("standby", { ec2: { state: "terminated" } })]),
      does: ["deleteNode", "releaseSlot"],
    },
  ]);

  const stopped = aView([
    anInstance("running", {
      record: { launchTime: NOW - 60_000 },
      ec2: { state: "stopped", launchTime: NOW - 30_000 },
      pods: [aPod("db"), aPod("agent", { owner: "DaemonSet" })],
    }),
  ]);

  it("the pods of a node that someone stopped are ended, for nothing else would ever end them", () => {
    expect(plan(stopped)).toContainEqual(expect.objectContaining({ kind: "deletePods", force: true }));
    expect(summary(stopped)).toEqual(["applyNode", "deletePods db", "completeTransition standby: StoppedFromOutside"]);
  });

  it("is said with the pods it cost", () => {
    const event = plan(stopped).find((action) => action.kind === "emitEvent");
    expect(event).toMatchObject({ type: "Warning", message: expect.stringContaining("default/db ended with it") });
    expect(told(aView([anInstance("running", { ec2: { state: "terminated" } })]))).toEqual(["InstanceLost"]);
    expect(told(aView([anInstance("terminating", { ec2: { state: "terminated" } })]))).toEqual([]);
  });
});

describe("the warning before maxNodeRuntime", () => {
  const spec = aSpec({ maxNodeRuntimeMs: 3_600_000 });
  const old = (agoMs: number, runtimeWarnedAt?: number) =>
    aView(
      [
        anInstance("running", {
          record: { startedAt: NOW - agoMs, readyAt: NOW - agoMs, ...(runtimeWarnedAt && { runtimeWarnedAt }) },
          pods: [aPod("p")],
        }),
      ],
      { spec },
    );

  it("is said however late the node is looked at, and remembered", () => {
    expect(told(old(3_310_000))).toEqual(["MaxRuntimeApproaching"]);
    expect(told(old(3_599_000))).toEqual(["MaxRuntimeApproaching"]);
    expect(notes(old(3_310_000))).toEqual([{ runtimeWarnedAt: NOW }]);
  });

  it("is said once, however often the node is looked at", () => {
    expect(told(old(3_310_000, NOW - 1_000))).toEqual([]);
    expect(notes(old(3_310_000, NOW - 1_000))).toEqual([]);
  });
});
