import { describe, expect, it } from "vitest";
import { aBusyInstance, aSpec, aView, HOUR, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, events, recordChanges, requeues } from "../decisions.ts";

const spec = aSpec({ maxNodeRuntimeMs: HOUR });
const runningFor = (ms: number, runtimeWarnedAt?: number) =>
  aView([aBusyInstance({ startedAt: NOW - ms, readyAt: NOW - ms, ...(runtimeWarnedAt && { runtimeWarnedAt }) })], {
    spec,
  });

describe("a node that has been running for maxNodeRuntime", () => {
  check([
    {
      name: "is drained and stopped, with or without pods",
      view: aView([aBusyInstance({ startedAt: NOW - HOUR, readyAt: NOW })], { spec }),
      expected: ["beginTransition stopping: MaxRuntime"],
    },
    { name: "is in use until then", view: runningFor(HOUR - 1), expected: [] },
    {
      name: "is in use while the pool is paused",
      view: aView([aBusyInstance({ startedAt: NOW - HOUR, readyAt: NOW })], { spec: { ...spec, paused: true } }),
      expected: [],
    },
    {
      name: "is in use if the pool has no maxNodeRuntime",
      view: aView([aBusyInstance({ startedAt: NOW - 1_000 * HOUR, readyAt: NOW })]),
      expected: [],
    },
  ]);
});

describe("the warning before maxNodeRuntime", () => {
  it("is emitted within the last five minutes", () => {
    expect(events(runningFor(55 * MINUTE - 1))).toEqual([]);
    expect(requeues(runningFor(55 * MINUTE - 1))).toEqual([1]);
    expect(events(runningFor(55 * MINUTE))).toEqual(["MaxRuntimeApproaching"]);
    expect(events(aView([aBusyInstance({ startedAt: NOW - HOUR + 290 * SECOND, readyAt: NOW })], { spec }))).toEqual([
      "MaxRuntimeApproaching",
    ]);
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
