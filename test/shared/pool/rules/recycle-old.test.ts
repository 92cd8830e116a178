import { describe, expect, it } from "vitest";
import type { TransitionReason } from "../../../../shared/model/instance-record.ts";
import { plan } from "../../../../shared/pool/plan.ts";
import { aBusyInstance, anInstance, aPod, aSpec, aView, HOUR, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, events, recordChanges, requeues, summary } from "../decisions.ts";

const spec = aSpec({ maxNodeRuntimeMs: HOUR });
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
      name: "is drained and stopped, with or without pods",
      view: aView([aBusyInstance({ startedAt: NOW - HOUR, readyAt: NOW, openedAt: NOW })], { spec }),
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
  const drainedOf = (instances: Parameters<typeof aView>[0], maxUnavailable: number | string) =>
    summary(aView(instances, { spec: aSpec({ maxNodeRuntimeMs: HOUR, disruption: { maxUnavailable } }) })).filter(
      (decision) => decision === "beginTransition stopping: MaxRuntime",
    ).length;

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
    const [first] = plan(aView(instances, { spec })).filter(({ kind }) => kind === "beginTransition");
    expect(first).toMatchObject({ instance: { record: { slot: instances[2]?.record.slot } } });
  });
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
