import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import type { KubePod } from "../../../../shared/model/kubernetes/objects.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aView, HOUR, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, eventMessages, recordChanges, requeues, summary } from "../decisions.ts";

/** An instance that was started 15 s ago, and that EC2 shows as stopped. */
const off = (record: Partial<InstanceRecord> = {}, ec2: Partial<Ec2Instance> = {}, pods: readonly KubePod[] = []) => {
  const startedAt = NOW - 15 * SECOND;
  return aView([
    anInstance("running", {
      record: { startedAt, launchTime: NOW - HOUR, stateSince: startedAt, ...record },
      ec2: { state: "stopped", ...ec2 },
      node: { ready: false },
      pods,
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

describe("a running instance that somebody stops", () => {
  const stopping = (record: Partial<InstanceRecord> = {}) => off(record, { state: "stopping" });
  check([
    { name: "is left alone for ten minutes", view: stopping({ stoppingSince: NOW - 10 * MINUTE + 1 }), expected: [] },
    {
      name: "is stopped by force if it hangs",
      view: stopping({ stoppingSince: NOW - 10 * MINUTE }),
      expected: ["force stop"],
    },
    {
      name: "is stopped by force once in ten minutes",
      view: stopping({ stoppingSince: NOW - HOUR, stopForcedAt: NOW - MINUTE }),
      expected: [],
    },
  ]);

  it("has it recorded since when, until it has stopped or runs again", () => {
    expect(recordChanges(stopping())).toEqual([{ stoppingSince: NOW }]);
    expect(recordChanges(stopping({ stoppingSince: NOW - MINUTE }))).toEqual([]);
    expect(recordChanges(off({ stoppingSince: NOW - MINUTE }, { state: "pending" }))).toEqual([
      { stoppingSince: null, stopForcedAt: null },
    ]);
  });
});

describe("a start that EC2 accepted and then undid", () => {
  const undone = (
    record: Partial<InstanceRecord> = {},
    stateReason = "Client.InternalError: Client error on launch",
    pods: readonly KubePod[] = [],
  ) => off(record, { launchTime: NOW - 10 * SECOND, stateReason }, pods);
  const once = { count: 1, at: NOW - HOUR, message: "EC2 undid the start" };
  const capacity = "Server.InsufficientInstanceCapacity: Insufficient capacity";
  const atOffering = (view: ReturnType<typeof off>) =>
    plan(view).flatMap((action) => (action.kind === "markUnavailable" ? [[action.offering, action.until - NOW]] : []));

  check([
    {
      name: "makes it standby again, and its offering unavailable",
      view: undone(),
      expected: ["markUnavailable", "applyNode", "completeTransition standby: StartFailed"],
    },
    {
      name: "does so for whatever reason EC2 gives",
      view: undone({}, capacity),
      expected: ["markUnavailable", "applyNode", "completeTransition standby: StartFailed"],
    },
    {
      name: "replaces it the second time in a row",
      view: undone({ startFailures: once }),
      expected: ["markUnavailable", "beginTransition terminating: StartFailed"],
    },
    {
      name: "is a stop by somebody else if EC2 says so",
      view: undone({}, "Client.UserInitiatedShutdown: User initiated shutdown"),
      expected: ["applyNode", "completeTransition standby: StoppedFromOutside"],
    },
    {
      name: "is a stop by somebody else once the node was Ready",
      view: undone({ readyAt: NOW - 5 * SECOND }),
      expected: ["applyNode", "completeTransition standby: StoppedFromOutside"],
    },
    {
      name: "is a failed start, too, if the instance powered itself off",
      view: undone({}, "Client.InstanceInitiatedShutdown: Instance initiated shutdown"),
      expected: ["applyNode", "completeTransition standby: StartFailed"],
    },
    {
      name: "ends the pods that are bound to it: they do not run, and no kubelet will say so",
      view: undone({}, undefined, [aPod("db")]),
      expected: ["markUnavailable", "applyNode", "deletePods db", "completeTransition standby: StartFailed"],
    },
  ]);

  it("is recorded with EC2's words", () => {
    expect(plan(undone())).toContainEqual(
      expect.objectContaining({
        kind: "completeTransition",
        set: expect.objectContaining({
          launchTime: NOW - 10 * SECOND,
          startFailures: { count: 1, at: NOW, message: expect.stringContaining("Client error on launch") },
        }),
      }),
    );
    expect(eventMessages(undone()).join()).toMatch(
      /did not start: EC2 undid the start: Client\.InternalError.*context kmsKeys, docs\/deploy\.md#encryption-keys.*standby again/,
    );
    expect(eventMessages(undone({ startFailures: once })).join()).toMatch(/after 2 failed starts it is replaced/);
  });

  it("keeps starts away from its offering for longer the second time", () => {
    expect(atOffering(undone())).toEqual([["m5.large in us-east-1a", 3 * MINUTE]]);
    expect(atOffering(undone({ startFailures: once }))).toEqual([["m5.large in us-east-1a", 6 * MINUTE]]);
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
