import { describe, expect, it } from "vitest";
import { anInstance, aPod, aSpec, aView, HOUR, type InstanceOverrides, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, events, metrics, recordChanges, requeues } from "../decisions.ts";

const warmingFor = (ms: number, overrides: InstanceOverrides = {}) =>
  anInstance("warmup", { ...overrides, record: { stateSince: NOW - ms, ...overrides.record } });
const late = (overrides: InstanceOverrides = {}) => warmingFor(10 * MINUTE, overrides);
const reported = () => warmingFor(10 * MINUTE + 100 * SECOND, { record: { timedOutAt: NOW - MINUTE } });
const REPLACE = "beginTransition terminating: WarmupTimeout";

describe("a warmup", () => {
  check([
    { name: "is left alone within its timeout", view: aView([anInstance("warmup")]), expected: [] },
    {
      name: "is left alone until its timeout is over",
      view: aView([warmingFor(10 * MINUTE - 1)]),
      expected: [],
    },
    {
      name: "is stopped by force after its timeout, and may become standby",
      view: aView([late()]),
      expected: ["force stop"],
    },
    {
      name: "is stopped in a paused pool, too",
      view: aView([late()], { spec: aSpec({ paused: true }) }),
      expected: ["force stop"],
    },
    {
      name: "has the pods that are bound to it evicted after its timeout, before it is stopped",
      view: aView([late({ pods: [aPod("p")] })]),
      expected: ["evict p"],
    },
    {
      name: "is stopped by force if it hangs after its pods left",
      view: aView([late({ record: { drain: { since: NOW - HOUR }, stopRequestedAt: NOW - 5 * MINUTE } })]),
      expected: ["force stop"],
    },
    {
      name: "is not stopped by force while its pods leave",
      view: aView([late({ record: { drain: { since: NOW - SECOND } }, pods: [aPod("p", { deleting: true })] })]),
      expected: [],
    },
    { name: "is stopped again until it has stopped", view: aView([reported()]), expected: ["force stop"] },
    {
      name: "is replaced after its timeout if it has no node",
      view: aView([late({ node: null })]),
      expected: [REPLACE],
    },
    {
      name: "is replaced after its timeout if the pool says so",
      view: aView([late()], { spec: aSpec({ preWarm: { timeoutAction: "terminate" } }) }),
      expected: [REPLACE],
    },
    {
      name: "is left alone while it powers off",
      view: aView([late({ ec2: { state: "stopping" } })]),
      expected: [],
    },
    {
      name: "is stopped by force if it hangs while it powers off under its pods",
      view: aView([
        warmingFor(15 * MINUTE, {
          ec2: { state: "stopping" },
          record: { drain: { since: NOW - MINUTE } },
          pods: [aPod("p", { deleting: true })],
        }),
      ]),
      expected: ["force stop"],
    },
    {
      name: "is stopped by force if it hangs while it powers off",
      view: aView([warmingFor(15 * MINUTE, { ec2: { state: "stopping" } })]),
      expected: ["force stop"],
    },
  ]);

  it("is checked when its timeout is over", () => {
    expect(requeues(aView([anInstance("warmup")]))).toEqual([9 * MINUTE]);
  });

  it("has its timeout reported, recorded and counted once", () => {
    expect(events(aView([late()]))).toEqual(["WarmupFailed"]);
    expect(recordChanges(aView([late()]))).toEqual([{ timedOutAt: NOW }]);
    expect(metrics(aView([late()]))).toEqual([{ metric: "warmupFailures", value: 1, labels: { reason: "Timeout" } }]);
    expect([events, recordChanges, metrics].map((found) => found(aView([reported()])))).toEqual([[], [], []]);
  });
});
