import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aView, MINUTE, NOW } from "../builders.ts";
import { check } from "../decisions.ts";

describe("an instance that EC2 is stopping", () => {
  const slow = (record: Partial<InstanceRecord>) =>
    aView([anInstance("stopping", { record, ec2: { state: "stopping" } })]);
  check([
    { name: "is waited for", view: slow({}), expected: [] },
    {
      name: "may take minutes to stop",
      view: slow({ stateSince: NOW - 30 * MINUTE, stopRequestedAt: NOW - 9 * MINUTE }),
      expected: [],
    },
    {
      name: "is stopped by force after ten minutes",
      view: slow({ stopRequestedAt: NOW - 10 * MINUTE }),
      expected: ["force stop"],
    },
    {
      name: "is not forced again right after it was",
      view: slow({ stopRequestedAt: NOW - 11 * MINUTE, stopForcedAt: NOW - MINUTE }),
      expected: [],
    },
  ]);
});

describe("a drained instance that has stopped", () => {
  check([
    {
      name: "becomes standby once its node is ready for the next start",
      view: aView([anInstance("stopping", { ec2: { state: "stopped" } })]),
      expected: ["applyNode", "completeTransition standby: Replenish"],
    },
  ]);

  it("has its remaining pods deleted by force, and its time in use removed from its record", () => {
    const [, ...actions] = plan(
      aView([anInstance("stopping", { ec2: { state: "stopped" }, pods: [aPod("p", { deleting: true })] })]),
    );
    expect(actions[0]).toMatchObject({ kind: "deletePods", force: true });
    expect(actions[1]).toMatchObject({
      kind: "completeTransition",
      set: { drain: null, stopRequestedAt: null, startedAt: null },
    });
  });
});
