import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aView, HOUR, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, recordChanges, requeues, summary } from "../decisions.ts";

/** An instance that was started 15 s ago, and that EC2 shows as stopped. */
const off = (record: Partial<InstanceRecord> = {}, ec2: Partial<Ec2Instance> = {}) => {
  const startedAt = NOW - 15 * SECOND;
  return aView([
    anInstance("running", {
      record: { startedAt, launchTime: NOW - HOUR, stateSince: startedAt, ...record },
      ec2: { state: "stopped", ...ec2 },
      node: { ready: false },
    }),
  ]);
};

describe("a start", () => {
  const restarted = (restartedAt: number) => {
    const launchTime = NOW - 150 * SECOND;
    return off({ startedAt: NOW - 250 * SECOND, restartedAt, launchTime }, { launchTime });
  };
  check([
    { name: "is not repeated right away", view: off({ startedAt: NOW - 500 }), expected: [] },
    { name: "is not repeated within 10 s", view: off({ startedAt: NOW - 10 * SECOND + 1 }), expected: [] },
    { name: "is repeated after 10 s", view: off({ startedAt: NOW - 10 * SECOND }), expected: ["start"] },
    { name: "is repeated if it never reached EC2", view: off(), expected: ["start"] },
    {
      name: "is repeated for an instance that was stopped to be restarted",
      view: restarted(NOW - 30 * SECOND),
      expected: ["start"],
    },
    {
      name: "ends in standby if EC2 does not carry it out within startTimeout",
      view: restarted(NOW - 2 * MINUTE),
      expected: ["applyNode", "completeTransition standby: NotStarted"],
    },
    {
      name: "waits until the instance has stopped",
      view: off({}, { state: "stopping" }),
      expected: [],
    },
  ]);

  it("is repeated only if its record has not changed, and checked again after 5 s", () => {
    expect(recordChanges(off())).toEqual([{}]);
    expect(requeues(off())).toEqual([5 * SECOND]);
  });
});

describe("an instance that was stopped externally", () => {
  const stopped = aView([
    anInstance("running", {
      record: { launchTime: NOW - MINUTE },
      ec2: { state: "stopped", launchTime: NOW - 30 * SECOND },
      pods: [aPod("db"), aPod("agent", { owner: "DaemonSet" })],
    }),
  ]);
  check([
    {
      name: "returns to standby while it is starting",
      view: off({}, { launchTime: NOW - 10 * SECOND }),
      expected: ["applyNode", "completeTransition standby: StoppedFromOutside"],
    },
  ]);

  it("has its pods deleted by force, because no kubelet would remove them", () => {
    expect(plan(stopped)).toContainEqual(expect.objectContaining({ kind: "deletePods", force: true }));
    expect(summary(stopped)).toEqual(["applyNode", "deletePods db", "completeTransition standby: StoppedFromOutside"]);
  });

  it("is reported with the pods that ended with it", () => {
    const event = plan(stopped).find((action) => action.kind === "emitEvent");
    expect(event).toMatchObject({ type: "Warning", message: expect.stringContaining("default/db ended with it") });
  });
});
