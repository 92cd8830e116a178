import { describe, expect, it } from "vitest";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, anOverflowInstance, aPod, aSpec, aView, warmupFailures } from "../builders.ts";
import { check, events, failureCounts } from "../decisions.ts";
import { aWarmupSpec, OUTCOME, PULLED, STANDBY, stoppedWarmup } from "../warmups.ts";

const REPLACED = ["beginTransition terminating: WarmupFailed"];
const stopped = { ec2: { state: "stopped" } } as const;

describe("an instance that stops during warmup", () => {
  check([
    {
      name: "becomes standby once its node is ready for its first start",
      view: aView([anInstance("warmup", stopped)]),
      expected: STANDBY,
    },
    {
      name: "has pods deleted that it powered itself off under",
      view: aView([anInstance("warmup", { ...stopped, pods: [aPod("p"), aPod("d", { owner: "DaemonSet" })] })]),
      expected: ["applyNode", "deletePods p", "completeTransition standby: WarmupCompleted"],
    },
    {
      name: "becomes standby in a paused pool, too",
      view: aView([anInstance("warmup", stopped)], { spec: aSpec({ paused: true }) }),
      expected: STANDBY,
    },
    {
      name: "becomes standby if it was launched for pods and powers itself off",
      view: aView([anOverflowInstance("warmUp", stopped)]),
      expected: STANDBY,
    },
    {
      name: "is replaced, not made standby, if its node never registered",
      view: aView([anInstance("warmup", { ...stopped, node: null })]),
      expected: REPLACED,
    },
    {
      name: "is replaced if its node never registered, even without images to pull",
      view: aView([stoppedWarmup(null)], { spec: aWarmupSpec() }),
      expected: REPLACED,
    },
    {
      name: "is replaced without a required image",
      view: aView([stoppedWarmup({ images: PULLED.slice(1) })], { spec: aWarmupSpec() }),
      expected: REPLACED,
    },
    {
      name: "becomes standby without a best-effort image",
      view: aView([stoppedWarmup({})], { spec: aWarmupSpec({ imagePullPolicy: "BestEffort" }) }),
      expected: STANDBY,
    },
  ]);

  it("is reported if its warmup failed", () => {
    expect(events(aView([anInstance("warmup", { ...stopped, node: null })]))).toEqual(["WarmupFailed"]);
  });

  it.each([
    ["the missing images", stoppedWarmup({ images: PULLED.slice(1) }), /redis:8/],
    [
      "the reason that the node gave",
      stoppedWarmup({ annotations: { [OUTCOME]: "Failed: no space left" } }),
      /no space left/,
    ],
    [
      "the command for its console output",
      stoppedWarmup(null, { instanceId: "i-7" }),
      /get-console-output --latest --instance-id i-7/,
    ],
  ])("is reported with %s", (_, instance, message) => {
    expect(plan(aView([instance], { spec: aWarmupSpec() })).filter(({ kind }) => kind === "emitEvent")).toEqual([
      expect.objectContaining({ reason: "WarmupFailed", message: expect.stringMatching(message) }),
    ]);
  });

  it("ends a series of failures when it becomes standby", () => {
    const done = [anInstance("warmup", stopped)];
    expect(failureCounts(aView(done, { warmupFailures: warmupFailures({ failures: 7 }) }))).toEqual([undefined]);
    expect(failureCounts(aView(done))).toEqual([]);
  });
});
