import { describe, expect, it } from "vitest";
import type { InstanceRecord, TransitionReason } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import {
  aBusyInstance,
  anInstance,
  aPod,
  aSpec,
  aView,
  HOUR,
  MINUTE,
  NOW,
  SECOND,
  warmupFailures,
} from "../builders.ts";
import { check, events, recordChanges, requeues, summary } from "../decisions.ts";
import { OWN } from "../standby-node.ts";

const spec = aSpec({ maxNodeRuntimeMs: HOUR });
const standby = (count: number) => Array.from({ length: count }, () => anInstance("standby"));
const runningFor = (ms: number, runtimeWarnedAt?: number) =>
  aView(
    [
      aBusyInstance({
        startedAt: NOW - ms,
        readyAt: NOW - ms,
        openedAt: NOW - ms,
        ...(runtimeWarnedAt && { runtimeWarnedAt }),
      }),
    ],
    {
      spec,
    },
  );

describe("a node that has been running for maxNodeRuntime", () => {
  check([
    {
      name: "is drained and stopped",
      view: aView([aBusyInstance({ startedAt: NOW - HOUR, readyAt: NOW, openedAt: NOW }), ...standby(1)], { spec }),
      expected: ["beginTransition stopping: MaxRuntime"],
    },
    { name: "is in use until then", view: runningFor(HOUR - 1), expected: [] },
    {
      name: "is in use while the pool is paused",
      view: aView([aBusyInstance({ startedAt: NOW - HOUR, readyAt: NOW, openedAt: NOW })], {
        spec: { ...spec, paused: true },
      }),
      expected: [],
    },
    {
      name: "is in use if the pool has no maxNodeRuntime",
      view: aView([aBusyInstance({ startedAt: NOW - 1_000 * HOUR, readyAt: NOW, openedAt: NOW })]),
      expected: [],
    },
  ]);
});

describe("nodes that get old together", () => {
  const old = (count: number) =>
    Array.from({ length: count }, (_, index) => aBusyInstance({ startedAt: NOW - HOUR - index, readyAt: NOW }));
  const leaving = (reason: TransitionReason) => anInstance("stopping", { record: { reason }, pods: [aPod("p")] });
  const drainedOf = (instances: NonNullable<Parameters<typeof aView>[0]>, maxUnavailable: number | string) =>
    summary(
      aView([...instances, ...standby(5)], { spec: aSpec({ maxNodeRuntimeMs: HOUR, disruption: { maxUnavailable } }) }),
    ).filter((decision) => decision === "beginTransition stopping: MaxRuntime").length;

  it.each([
    ["one of five", 5, "10%", 1],
    ["a percentage, rounded up, of 21", 21, "10%", 3],
    ["all of three", 3, "100%", 3],
    ["a number of nodes", 5, 2, 2],
  ])("are drained at once as maxUnavailable allows: %s", (_, count, maxUnavailable, expected) => {
    expect(drainedOf(old(count), maxUnavailable)).toBe(expected);
  });

  it("wait for those that are being drained, but not for empty or broken ones", () => {
    expect(drainedOf([...old(5), leaving("MaxRuntime")], 2)).toBe(1);
    expect(drainedOf([...old(5), leaving("MaxRuntime"), leaving("ScheduledEvent")], 2)).toBe(0);
    expect(drainedOf([...old(5), leaving("Empty"), leaving("HostImpaired")], 2)).toBe(2);
  });

  it("are drained longest overdue first", () => {
    const instances = old(3);
    const [first] = plan(aView([...instances, ...standby(1)], { spec })).filter(
      ({ kind }) => kind === "beginTransition",
    );
    expect(first).toMatchObject({ instance: { record: { slot: instances[2]?.record.slot } } });
  });
});

describe("a node with pods that is due, without standby for them", () => {
  const due = (record: Partial<InstanceRecord> = {}) =>
    aBusyInstance({ startedAt: NOW - 2 * HOUR, readyAt: NOW - HOUR, openedAt: NOW - HOUR, ...record });
  const DRAIN = "beginTransition stopping: MaxRuntime";
  const leaving = anInstance("stopping", { record: { reason: "MaxRuntime" }, pods: [aPod("p", { deleting: true })] });
  const warming = anInstance("warmup", { record: { reason: "MaxRuntime" } });
  const onHold = anInstance("standby", { node: { annotations: { ...OWN, "stratos.sh/hold": "Cordoned" } } });
  const starting = anInstance("standby", { ec2: { state: "stopping" } });
  const twoAtOnce = aSpec({ maxNodeRuntimeMs: HOUR, disruption: { maxUnavailable: 2 } });
  check([
    { name: "has a replacement launched first", view: aView([due()], { spec }), expected: ["launch 1"] },
    { name: "waits for it to warm up", view: aView([due(), warming], { spec }), expected: [] },
    { name: "is drained once it is standby", view: aView([due(), ...standby(1)], { spec }), expected: [DRAIN] },
    { name: "cannot count on a node on hold", view: aView([due(), onHold], { spec }), expected: ["launch 1"] },
    { name: "nor on one that is still stopping", view: aView([due(), starting], { spec }), expected: [] },
    {
      name: "nor on what the pods of another drain need",
      view: aView([due(), leaving, ...standby(1)], { spec: twoAtOnce }),
      expected: [],
    },
    {
      name: "nor on what pods wait for",
      view: aView([due(), ...standby(1)], { spec, pending: { count: 1, unserved: 1 } }),
      expected: [],
    },
    {
      name: "gets no more replacements than nodes may be drained at once",
      view: aView(Array.from({ length: 5 }, due), { spec: twoAtOnce }),
      expected: ["launch 2"],
    },
    {
      name: "waits for the standby that the pool lacks anyway",
      view: aView([due()], { spec: aSpec({ maxNodeRuntimeMs: HOUR, minStandby: 1 }) }),
      expected: ["launch 1"],
    },
    {
      name: "is drained if the pool is full of such nodes, one at a time",
      view: aView([due(), due(), due()], {
        spec: aSpec({ maxNodeRuntimeMs: HOUR, poolSize: 3, disruption: { maxUnavailable: 3 } }),
      }),
      expected: [DRAIN],
    },
    {
      name: "is drained if it has no pods",
      view: aView([anInstance("running", { record: { startedAt: NOW - 2 * HOUR, readyAt: NOW } })], { spec }),
      expected: [DRAIN],
    },
    {
      name: "gets no replacement from a class that is not ready, and waits",
      view: aView([due()], { spec, nodeClass: { kind: "notReady", message: "" }, fingerprint: undefined }),
      expected: [],
    },
    {
      name: "gets no replacement while launches back off, and waits",
      view: aView([due()], { spec, warmupFailures: warmupFailures() }),
      expected: [],
    },
  ]);

  it("is reported once, and drained after one warmup and an hour, whatever keeps replacements from coming", () => {
    const since = (ms: number) =>
      aView([due({ replacementAwaitedSince: NOW - ms })], { spec, warmupFailures: warmupFailures() });
    const first = aView([due()], { spec, warmupFailures: warmupFailures() });
    expect(events(first)).toContain("ReplacementAwaited");
    expect(recordChanges(first)).toContainEqual({ replacementAwaitedSince: NOW });
    expect(events(since(MINUTE))).not.toContain("ReplacementAwaited");
    expect(requeues(since(MINUTE))).toContain(69 * MINUTE);
    expect(summary(since(70 * MINUTE - 1))).toEqual([]);
    expect(summary(since(70 * MINUTE))).toEqual([DRAIN]);
  });

  it("keeps its replacement from being terminated as surplus", () => {
    const ending = { spec: aSpec({ maxNodeRuntimeMs: HOUR, scaleDown: { surplusStandbyTtlMs: 0 } }) };
    expect(summary(aView([due(), ...standby(1)], ending))).toEqual([DRAIN]);
    expect(summary(aView([leaving, ...standby(1)], ending))).toEqual([]);
    expect(summary(aView(standby(1), ending))).toEqual(["beginTransition terminating: Surplus"]);
  });
});

describe("a node that is due, with a pod whose volume may be bound to its zone", () => {
  const DRAIN = "beginTransition stopping: MaxRuntime";
  const zone = "us-east-1b";
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  const pods = [{ ...aPod("p"), spec: { ...aPod("p").spec, volumes } }];
  const bound = (record: Partial<InstanceRecord> = {}) =>
    anInstance("running", {
      record: { zone, startedAt: NOW - 2 * HOUR, readyAt: NOW - HOUR, openedAt: NOW - HOUR, ...record },
      pods,
    });
  const leavingPod = { ...aPod("p", { deleting: true }), spec: { ...aPod("p").spec, volumes } };
  const leaving = anInstance("stopping", { record: { zone, reason: "MaxRuntime" }, pods: [leavingPod] });
  const standbyThere = () => anInstance("standby", { record: { zone } });
  const elsewhere = standby(2);
  const atOnce = (maxUnavailable: number) => aSpec({ maxNodeRuntimeMs: HOUR, disruption: { maxUnavailable } });
  check([
    {
      name: "has a replacement launched in that zone, whatever standby there is elsewhere",
      view: aView([bound(), ...elsewhere], { spec }),
      expected: ["launch 1 in us-east-1b"],
    },
    {
      name: "waits for one that warms up there",
      view: aView([bound(), ...elsewhere, anInstance("warmup", { record: { zone, reason: "MaxRuntime" } })], { spec }),
      expected: [],
    },
    {
      name: "is drained once there is standby in its zone",
      view: aView([bound(), standbyThere()], { spec }),
      expected: [DRAIN],
    },
    {
      name: "does not count on what the pods of another drain need there",
      view: aView([bound(), leaving, standbyThere(), ...elsewhere], { spec: atOnce(2) }),
      expected: [],
    },
    {
      name: "nor on what another node needs that is drained at the same time",
      view: aView([bound(), bound(), standbyThere(), ...elsewhere], { spec: atOnce(2) }),
      expected: [DRAIN, "launch 1 in us-east-1b"],
    },
    {
      name: "gets replacements in its zone, and others where there is room for standby",
      view: aView([bound(), aBusyInstance({ startedAt: NOW - 2 * HOUR, readyAt: NOW, openedAt: NOW })], {
        spec: atOnce(2),
      }),
      expected: ["launch 1 in us-east-1b", "launch 1"],
    },
    {
      name: "is drained, and becomes the standby for its pod, if the pool has no room for another",
      view: aView([bound(), ...standby(1)], { spec: aSpec({ maxNodeRuntimeMs: HOUR, poolSize: 2 }) }),
      expected: [DRAIN],
    },
  ]);
});

describe("the warning before maxNodeRuntime", () => {
  it("is emitted within the last five minutes", () => {
    expect(events(runningFor(55 * MINUTE - 1))).toEqual([]);
    expect(requeues(runningFor(55 * MINUTE - 1))).toEqual([1]);
    expect(events(runningFor(55 * MINUTE))).toEqual(["MaxRuntimeApproaching"]);
    expect(
      events(aView([aBusyInstance({ startedAt: NOW - HOUR + 290 * SECOND, readyAt: NOW, openedAt: NOW })], { spec })),
    ).toEqual(["MaxRuntimeApproaching"]);
  });

  it("is emitted however late the node is checked, and recorded", () => {
    expect(events(runningFor(HOUR - 290 * SECOND))).toEqual(["MaxRuntimeApproaching"]);
    expect(events(runningFor(HOUR - SECOND))).toEqual(["MaxRuntimeApproaching"]);
    expect(recordChanges(runningFor(HOUR - 290 * SECOND))).toEqual([{ runtimeWarnedAt: NOW }]);
  });

  it("is emitted once, however often the node is checked", () => {
    expect(events(runningFor(HOUR - 290 * SECOND, NOW - SECOND))).toEqual([]);
    expect(recordChanges(runningFor(HOUR - 290 * SECOND, NOW - SECOND))).toEqual([]);
  });
});
