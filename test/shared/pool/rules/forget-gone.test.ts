import { describe, expect, it } from "vitest";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aView, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, events, recordChanges, requeues, summary } from "../decisions.ts";

const GONE = ["deleteNode", "releaseSlot"];

describe("a terminated instance", () => {
  check([
    {
      name: "loses its node and its slot, whatever its state was",
      view: aView([anInstance("running", { ec2: { state: "terminated" }, pods: [aPod("p")] })]),
      expected: GONE,
    },
    {
      name: "loses its node and its slot, even if something else terminated it in standby",
      view: aView([anInstance("standby", { ec2: { state: "terminated" } })]),
      expected: GONE,
    },
    {
      name: "loses its slot if it has no node",
      view: aView([anInstance("terminating", { ec2: { state: "terminated" }, node: null })]),
      expected: ["releaseSlot"],
    },
  ]);

  describe("whose launch EC2 accepted and then undid", () => {
    const undone = (stateReason: string) =>
      aView([anInstance("warmup", { ec2: { state: "terminated", stateReason }, node: null })]);
    const limit = "Client.VolumeLimitExceeded: Volume limit exceeded";

    it("counts as a failed launch, and makes its offering unavailable", () => {
      expect(summary(undone(limit))).toEqual(["markUnavailable", "releaseSlot"]);
      expect(plan(undone(limit))).toContainEqual(
        expect.objectContaining({
          kind: "recordWarmupFailures",
          failures: expect.objectContaining({
            failures: 1,
            reason: "LaunchFailed",
            message: expect.stringContaining(limit),
          }),
        }),
      );
      expect(events(undone(limit))).toEqual(["WarmupFailed"]);
    });

    it("does not count if somebody terminated it", () => {
      const byUser = undone("Client.UserInitiatedShutdown: User initiated shutdown");
      expect(summary(byUser)).toEqual(["releaseSlot"]);
      expect(events(byUser)).toEqual(["InstanceLost"]);
    });
  });

  it("is reported as lost unless Stratos terminated it", () => {
    expect(events(aView([anInstance("running", { ec2: { state: "terminated" } })]))).toEqual(["InstanceLost"]);
    expect(events(aView([anInstance("terminating", { ec2: { state: "terminated" } })]))).toEqual([]);
  });
});

describe("an instance that EC2 does not know", () => {
  const missing = (missingSince?: number) =>
    aView([anInstance("standby", { ec2: null, record: { ...(missingSince && { missingSince }) } })]);
  check([
    { name: "is not gone after one answer", view: missing(), expected: [] },
    { name: "is not gone before five minutes", view: missing(NOW - 5 * MINUTE + 1), expected: [] },
    { name: "is gone after five minutes", view: missing(NOW - 5 * MINUTE), expected: GONE },
    {
      name: "is not gone while its launch has no answer",
      view: aView([anInstance("warmup", { ec2: null, node: null, record: { instanceId: undefined } })]),
      expected: ["repeatLaunch, or launch"],
    },
  ]);

  it("is missing from the first answer on, and checked every 30 s", () => {
    expect(recordChanges(missing())).toEqual([{ missingSince: NOW }]);
    expect(requeues(missing())).toEqual([30 * SECOND]);
    expect(recordChanges(missing(NOW - MINUTE))).toEqual([]);
    expect(requeues(missing(NOW - MINUTE))).toEqual([30 * SECOND]);
  });

  it("is no longer missing once EC2 knows it", () => {
    const found = aView([anInstance("standby", { record: { missingSince: NOW - MINUTE } })]);
    expect(recordChanges(found)).toEqual([{ missingSince: null }]);
  });
});
