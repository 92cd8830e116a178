import { describe, expect, it } from "vitest";
import type { DrainProgress, InstanceRecord } from "../../../shared/model/instance-record.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { anInstance, aPod, aView, NOW } from "./builders.ts";
import { check, notes, summary, told, wakes } from "./decisions.ts";

const MINUTE = 60_000;

const draining = (drain: DrainProgress | undefined, pods = [aPod("p")], record: Partial<InstanceRecord> = {}) =>
  aView([anInstance("stopping", { record: { reason: "MaxRuntime", ...(drain && { drain }), ...record }, pods })]);

const messages = (view: Parameters<typeof plan>[0]) =>
  plan(view).flatMap((action) => (action.kind === "emitEvent" ? [action.message] : []));

describe("eviction", () => {
  it.each([
    { refusals: 0, pausedFor: 2_000 },
    { refusals: 1, pausedFor: 4_000 },
    { refusals: 3, pausedFor: 16_000 },
    { refusals: 9, pausedFor: 30_000 },
  ])("pauses $pausedFor ms after a budget has refused once and $refusals times again", ({ refusals, pausedFor }) => {
    const asked = (agoMs: number) => draining({ askedAt: NOW - agoMs, podCount: 1, refusals });
    expect(summary(asked(pausedFor - 1))).toEqual([]);
    expect(wakes(asked(pausedFor - 1))).toEqual([1]);
    expect(summary(asked(pausedFor))).toEqual(["evict p"]);
  });

  it("asks at once for what is left when a pod has gone", () => {
    const view = draining({ askedAt: NOW - 100, podCount: 2, refusals: 5 });
    expect(summary(view)).toEqual(["evict p"]);
    expect(notes(view)).toEqual([{ drain: { askedAt: NOW, podCount: 1, refusals: 0 } }]);
  });

  it("never waits beyond drainTimeout for a budget", () => {
    const view = draining({ askedAt: NOW - 1_000, podCount: 1, refusals: 9 }, [aPod("p")], {
      stateSince: NOW - 5 * MINUTE + 3_000,
    });
    expect(wakes(view)).toEqual([3_000]);
  });

  it("says once which pods nobody will make again", () => {
    const pods = [aPod("alone"), aPod("owned", { owner: "ReplicaSet" })];
    expect(messages(draining(undefined, pods))).toEqual([expect.stringMatching(/default\/alone, which no controller/)]);
    expect(messages(draining(undefined, pods))[0]).not.toContain("owned");
    expect(told(draining({ askedAt: NOW - MINUTE, podCount: 2, refusals: 1 }, pods))).toEqual([]);
  });

  it("waits for a pod whose containers have ended until kubelet has let it go, and for no other finished one", () => {
    const ended = aPod("p", { deleting: true, phase: "Succeeded", graceEnds: NOW + MINUTE });
    expect(summary(draining(undefined, [ended]))).toEqual([]);
    expect(summary(draining(undefined, [aPod("done", { phase: "Succeeded" })]))).not.toEqual([]);
  });

  it("looks less and less often for pods that take their time", () => {
    const leaving = (sinceMs: number) =>
      draining(undefined, [aPod("p", { deleting: true, graceEnds: NOW + 10 * MINUTE })], { stateSince: NOW - sinceMs });
    expect(wakes(leaving(1_000))).toEqual([2_000]);
    expect(wakes(leaving(40_000))).toEqual([10_000]);
    expect(wakes(leaving(4 * MINUTE))).toEqual([15_000]);
  });
});

describe("drainTimeout", () => {
  const late = { stateSince: NOW - 6 * MINUTE };

  it("is said once, however often the deletion has to be repeated", () => {
    expect(told(draining(undefined, [aPod("p")], late))).toEqual(["DrainTimeout"]);
    expect(told(draining({ timedOutAt: NOW - 1_000 }, [aPod("p")], late))).toEqual([]);
    expect(summary(draining({ timedOutAt: NOW - 1_000 }, [aPod("p")], late))).toEqual(["deletePods p"]);
  });

  const dying = (graceEnds: number) => draining({}, [aPod("p", { deleting: true, graceEnds })], late);

  it("waits for a pod's own grace period", () => {
    expect(summary(dying(NOW + 1_000))).toEqual([]);
    expect(summary(dying(NOW - 29_000))).toEqual([]);
  });

  it("gives up a pod that outlived it, by name", () => {
    expect(summary(dying(NOW - 30_000))).toEqual(["stop"]);
    expect(messages(dying(NOW - 30_000))).toEqual([expect.stringContaining("default/p did not end")]);
  });
});

describe("an instance that EC2 refuses to terminate", () => {
  it("is not said anew to be ended under its pods each time it is looked at", () => {
    const record = { stateSince: NOW - 60 * MINUTE, refusal: { count: 1, at: NOW - 1_000, message: "protected" } };
    const pods = [aPod("p", { deleting: true, graceEnds: NOW - 30 * MINUTE })];
    const view = aView([anInstance("terminating", { record, pods })]);
    expect([summary(view), told(view)]).toEqual([[], []]);
  });
});

describe("volumes", () => {
  const attached = (detachingSince?: number) =>
    aView([
      anInstance("stopping", {
        attachedVolumes: 2,
        record: { stateSince: NOW - 30 * MINUTE, ...(detachingSince && { drain: { detachingSince } }) },
      }),
    ]);

  it("have six minutes from when the last pod went, however long that took", () => {
    expect(summary(attached())).toEqual([]);
    expect(notes(attached())).toEqual([{ drain: { detachingSince: NOW } }]);
    expect(summary(attached(NOW - 5 * MINUTE))).toEqual([]);
    expect(summary(attached(NOW - 6 * MINUTE))).toEqual(["stop"]);
    expect(told(attached(NOW - 6 * MINUTE))).toEqual(["VolumesAttached"]);
  });
});

describe("power", () => {
  it("goes only after it is on record that it will", () => {
    const view = aView([anInstance("stopping")]);
    expect(notes(view)).toEqual([{ stopRequestedAt: NOW }]);
    expect(summary(view)).toEqual(["stop"]);
  });

  const slow = (record: Partial<InstanceRecord>) =>
    aView([anInstance("stopping", { record, ec2: { state: "stopping" } })]);

  check([
    {
      name: "may take minutes to go",
      view: slow({ stateSince: NOW - 30 * MINUTE, stopRequestedAt: NOW - 9 * MINUTE }),
      does: [],
    },
    { name: "is cut after ten minutes", view: slow({ stopRequestedAt: NOW - 10 * MINUTE }), does: ["force stop"] },
    {
      name: "that was just cut is not cut again",
      view: slow({ stopRequestedAt: NOW - 11 * MINUTE, stopForcedAt: NOW - MINUTE }),
      does: [],
    },
    {
      name: "stays on for a pod that bound, until EC2 has been asked",
      view: aView([
        anInstance("stopping", { record: { reason: "Empty", stopRequestedAt: NOW - 1_000 }, pods: [aPod("p")] }),
      ]),
      does: ["evict p"],
    },
    {
      name: "is not asked for of an instance that is still coming up",
      view: aView([anInstance("stopping", { ec2: { state: "pending" } })]),
      does: [],
    },
  ]);

  it("that is off ends what was left on the node, and the record forgets what was", () => {
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
