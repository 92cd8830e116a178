import { describe, expect, it } from "vitest";
import { anInstance, aPod, aSpec, aView, HOUR, MINUTE, NOW } from "../builders.ts";
import { check, events, recordChanges } from "../decisions.ts";

const STOP = ["beginTransition stopping: StartedFromOutside"];
const paused = aSpec({ paused: true });

describe("a standby instance that was started externally", () => {
  const started = anInstance("standby", { ec2: { state: "running", launchTime: NOW - MINUTE } });
  check([
    {
      name: "is recorded as running",
      view: aView([started]),
      expected: ["beginTransition running: StartedFromOutside"],
    },
    {
      name: "is waited for while it is pending",
      view: aView([anInstance("standby", { ec2: { state: "pending" } })]),
      expected: [],
    },
    {
      name: "is not, if EC2 still shows it as it was before it became standby",
      view: aView([anInstance("standby", { ec2: { state: "running" } })]),
      expected: [],
    },
    { name: "may be inspected while the pool is paused", view: aView([started], { spec: paused }), expected: [] },
  ]);

  it("is reported", () => {
    expect(events(aView([started]))).toEqual(["ScaleDown"]);
  });
});

describe("a standby instance that was started and stopped externally since the last look", () => {
  const pods = [aPod("p"), aPod("d", { owner: "DaemonSet" })];
  const meanwhile = anInstance("standby", { ec2: { launchTime: NOW - MINUTE }, pods });
  check([
    {
      name: "has pods deleted that were bound to it meanwhile",
      view: aView([meanwhile]),
      expected: ["deletePods p"],
    },
    {
      name: "keeps its pods if EC2 still shows an earlier start",
      view: aView([anInstance("standby", { ec2: { launchTime: NOW - 2 * HOUR }, pods })]),
      expected: [],
    },
    { name: "keeps its pods if it has not run", view: aView([anInstance("standby", { pods })]), expected: [] },
  ]);

  it("is recorded with the launch time of that start, so that the next one is told apart", () => {
    expect(recordChanges(aView([meanwhile]))).toEqual([{ launchTime: NOW - MINUTE }]);
  });
});

describe("an externally started instance that is recorded as running", () => {
  const running = anInstance("running", { record: { reason: "StartedFromOutside" }, node: { cordoned: true } });
  check([
    { name: "returns to standby like any other", view: aView([running]), expected: STOP },
    { name: "returns to standby in a paused pool, too", view: aView([running], { spec: paused }), expected: STOP },
    { name: "returns to standby with pods, too", view: aView([{ ...running, pods: [aPod("p")] }]), expected: STOP },
  ]);
});
