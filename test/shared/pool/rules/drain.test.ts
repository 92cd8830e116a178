import { describe, expect, it } from "vitest";
import type { DrainProgress, InstanceRecord } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { anInstance, aPod, aSpec, aView, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, eventMessages, events, metrics, recordChanges, requeues, summary } from "../decisions.ts";

const draining = (drain: DrainProgress | undefined, pods = [aPod("p")], record: Partial<InstanceRecord> = {}) =>
  aView([anInstance("stopping", { record: { reason: "MaxRuntime", ...(drain && { drain }), ...record }, pods })]);

describe("a stopping instance", () => {
  const fresh = { record: { stateSince: NOW - 10 * SECOND, reason: "MaxRuntime" } } as const;
  const late = { record: { stateSince: NOW - 5 * MINUTE, reason: "MaxRuntime" } } as const;
  check([
    {
      name: "has its node cordoned before anything else",
      view: aView([anInstance("stopping", { ...fresh, node: { cordoned: false } })]),
      expected: ["applyNode"],
    },
    {
      name: "has its pods evicted, except DaemonSet pods",
      view: aView([anInstance("stopping", { ...fresh, pods: [aPod("p"), aPod("d", { owner: "DaemonSet" })] })]),
      expected: ["evict p"],
    },
    {
      name: "waits for terminating pods",
      view: aView([anInstance("stopping", { ...fresh, pods: [aPod("p", { deleting: true })] })]),
      expected: [],
    },
    {
      name: "has the remaining pods deleted after drainTimeout",
      view: aView([anInstance("stopping", { ...late, pods: [aPod("p")] })]),
      expected: ["deletePods p"],
    },
    {
      name: "is stopped when no pod is left",
      view: aView([anInstance("stopping", fresh)]),
      expected: ["stop"],
    },
    {
      name: "waits for volumes to detach",
      view: aView([anInstance("stopping", { ...fresh, attachedVolumes: 1 })]),
      expected: [],
    },
    {
      name: "is not stopped while it is pending, because EC2 would refuse",
      view: aView([anInstance("stopping", { ec2: { state: "pending" } })]),
      expected: [],
    },
  ]);

  it("has the stop recorded before EC2 is called", () => {
    const view = aView([anInstance("stopping")]);
    expect(recordChanges(view)).toEqual([{ stopRequestedAt: NOW }]);
    expect(summary(view)).toEqual(["stop"]);
  });

  it("is asked to stop again until EC2 shows it as stopping, but measured once", () => {
    const view = aView([anInstance("stopping", { record: { stopRequestedAt: NOW - SECOND } })]);
    expect([summary(view), recordChanges(view), metrics(view)]).toEqual([["stop"], [], []]);
    expect(metrics(aView([anInstance("stopping")]))).toEqual([{ metric: "drainDuration", value: MINUTE }]);
  });
});

describe("a terminating instance", () => {
  const refusedAt = (count: number, at: number) =>
    anInstance("terminating", { record: { refusal: { count, at, message: "no" } } });
  check([
    {
      name: "is drained before it is terminated",
      view: aView([anInstance("terminating", { pods: [aPod("p")] })]),
      expected: ["evict p"],
    },
    { name: "is terminated when drained", view: aView([anInstance("terminating")]), expected: ["terminate"] },
    {
      name: "is terminated in a paused pool, too",
      view: aView([anInstance("terminating")], { spec: aSpec({ paused: true }) }),
      expected: ["terminate"],
    },
    {
      name: "is terminated at once if it is stopped",
      view: aView([anInstance("terminating", { ec2: { state: "stopped" } })]),
      expected: ["terminate"],
    },
    {
      name: "is left alone for a minute after EC2 refused to terminate it",
      view: aView([refusedAt(1, NOW - MINUTE + SECOND)]),
      expected: [],
    },
    {
      name: "is terminated again one minute after a refusal, then at growing intervals of up to 15 minutes",
      view: aView([
        refusedAt(1, NOW - MINUTE),
        refusedAt(3, NOW - 4 * MINUTE + SECOND),
        refusedAt(9, NOW - 15 * MINUTE),
      ]),
      expected: ["terminate", "terminate"],
    },
    {
      name: "is left alone while EC2 shuts it down",
      view: aView([anInstance("terminating", { ec2: { state: "shutting-down" } })]),
      expected: [],
    },
  ]);

  it("has its drain measured once, however often EC2 refuses to terminate it", () => {
    expect(metrics(aView([anInstance("terminating")]))).toEqual([{ metric: "drainDuration", value: MINUTE }]);
    expect(metrics(aView([refusedAt(1, NOW - MINUTE)]))).toEqual([]);
  });

  it("emits no event for the pods it would be terminated under while EC2 refuses that", () => {
    const record = { stateSince: NOW - 60 * MINUTE, refusal: { count: 1, at: NOW - SECOND, message: "protected" } };
    const pods = [aPod("p", { deleting: true, graceEnds: NOW - 30 * MINUTE })];
    const view = aView([anInstance("terminating", { record, pods })]);
    expect([summary(view), events(view)]).toEqual([[], []]);
  });
});

describe("eviction", () => {
  it.each([
    { refusals: 0, pauseMs: 2_000 },
    { refusals: 1, pauseMs: 4_000 },
    { refusals: 3, pauseMs: 16_000 },
    { refusals: 9, pauseMs: 30_000 },
  ])("pauses for $pauseMs ms after a disruption budget has refused it once and $refusals times again", (given) => {
    const askedAgo = (ms: number) => draining({ askedAt: NOW - ms, podCount: 1, refusals: given.refusals });
    expect(summary(askedAgo(given.pauseMs - 1))).toEqual([]);
    expect(requeues(askedAgo(given.pauseMs - 1))).toEqual([1]);
    expect(summary(askedAgo(given.pauseMs))).toEqual(["evict p"]);
  });

  it("continues at once when a pod has left", () => {
    const view = draining({ askedAt: NOW - 100, podCount: 2, refusals: 5 });
    expect(summary(view)).toEqual(["evict p"]);
    expect(recordChanges(view)).toEqual([{ drain: { askedAt: NOW, podCount: 1, refusals: 0 } }]);
  });

  it("never waits for a disruption budget beyond drainTimeout", () => {
    const view = draining({ askedAt: NOW - SECOND, podCount: 1, refusals: 9 }, [aPod("p")], {
      stateSince: NOW - 5 * MINUTE + 3 * SECOND,
    });
    expect(requeues(view)).toEqual([3 * SECOND]);
  });

  it("reports once which pods no controller recreates", () => {
    const pods = [aPod("alone"), aPod("owned", { owner: "ReplicaSet" })];
    const messages = eventMessages(draining(undefined, pods));
    expect(messages).toEqual([expect.stringMatching(/default\/alone, which no controller/)]);
    expect(messages[0]).not.toContain("owned");
    expect(events(draining({ askedAt: NOW - MINUTE, podCount: 2, refusals: 1 }, pods))).toEqual([]);
  });

  it("waits for a finished pod only if it is terminating, until kubelet has removed it", () => {
    const ended = aPod("p", { deleting: true, phase: "Succeeded", graceEnds: NOW + MINUTE });
    expect(summary(draining(undefined, [ended]))).toEqual([]);
    expect(summary(draining(undefined, [aPod("done", { phase: "Succeeded" })]))).not.toEqual([]);
  });

  it("does not poll pods that leave: the pool wakes when they are gone, or at drainTimeout", () => {
    const leaving = aPod("p", { deleting: true, graceEnds: NOW + 10 * MINUTE });
    expect(requeues(draining(undefined, [leaving], { stateSince: NOW - 2 * MINUTE }))).toEqual([3 * MINUTE]);
  });
});

describe("drainTimeout", () => {
  const late = { stateSince: NOW - 6 * MINUTE };

  it("is reported once, however often the deletion is repeated", () => {
    expect(events(draining(undefined, [aPod("p")], late))).toEqual(["DrainTimeout"]);
    expect(events(draining({ timedOutAt: NOW - SECOND }, [aPod("p")], late))).toEqual([]);
    expect(summary(draining({ timedOutAt: NOW - SECOND }, [aPod("p")], late))).toEqual(["deletePods p"]);
  });

  it("is reported with the pods that are deleted", () => {
    const actions = plan(draining(undefined, [aPod("p")], { stateSince: NOW - 5 * MINUTE }));
    const event = actions.find((action) => action.kind === "emitEvent");
    expect(event).toMatchObject({ reason: "DrainTimeout", message: expect.stringContaining("default/p") });
  });

  it("waits out a grace period of an hour without a look in between", () => {
    const leaving = aPod("p", { deleting: true, graceEnds: NOW + 60 * MINUTE });
    expect(requeues(draining({ timedOutAt: NOW - MINUTE }, [leaving], late))).toEqual([60 * MINUTE + 30 * SECOND]);
  });

  it("repeats deletions that somebody refuses less and less often", () => {
    const refused = (ms: number) => requeues(draining({ timedOutAt: NOW - ms }, [aPod("p")], late));
    expect(refused(SECOND)).toEqual([2 * SECOND]);
    expect(refused(40 * SECOND)).toEqual([10 * SECOND]);
  });

  const terminatingPod = (graceEnds: number) => draining({}, [aPod("p", { deleting: true, graceEnds })], late);

  it("leaves pods their own grace period", () => {
    expect(summary(terminatingPod(NOW + SECOND))).toEqual([]);
    expect(summary(terminatingPod(NOW - 29 * SECOND))).toEqual([]);
  });

  it("stops the instance under a pod that outlives its grace period, and names the pod", () => {
    expect(summary(terminatingPod(NOW - 30 * SECOND))).toEqual(["stop"]);
    expect(eventMessages(terminatingPod(NOW - 30 * SECOND))).toEqual([
      expect.stringContaining("default/p did not end"),
    ]);
  });
});

it("volumes have six minutes to detach after the last pod has left, however long that took", () => {
  const attached = (detachingSince?: number) =>
    aView([
      anInstance("stopping", {
        attachedVolumes: 2,
        record: { stateSince: NOW - 30 * MINUTE, ...(detachingSince && { drain: { detachingSince } }) },
      }),
    ]);
  expect(summary(attached())).toEqual([]);
  expect(recordChanges(attached())).toEqual([{ drain: { detachingSince: NOW } }]);
  expect(summary(attached(NOW - 5 * MINUTE))).toEqual([]);
  expect(summary(attached(NOW - 6 * MINUTE))).toEqual(["stop"]);
  expect(events(attached(NOW - 6 * MINUTE))).toEqual(["VolumesAttached"]);
});
