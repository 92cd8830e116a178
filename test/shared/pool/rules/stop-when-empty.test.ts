import { describe, expect, it } from "vitest";
import { TAINT } from "../../../../shared/model/names.ts";
import { anInstance, aPod, aSpec, aView, HOUR, MINUTE, NOW, SECOND } from "../builders.ts";
import { check, metrics, recordChanges, requeues } from "../decisions.ts";

const empty = (emptySince?: number) => anInstance("running", { record: { ...(emptySince && { emptySince }) } });
const STOP = "beginTransition stopping: Empty";

describe("an empty node", () => {
  check([
    { name: "becomes a candidate for scale-down", view: aView([empty()]), expected: ["applyNode"] },
    { name: "is kept until emptyNodeTTL is over", view: aView([empty(NOW - 5 * MINUTE + SECOND)]), expected: [] },
    { name: "is stopped after emptyNodeTTL", view: aView([empty(NOW - 5 * MINUTE)]), expected: [STOP] },
    {
      name: "is kept if a pod has bound since",
      view: aView([anInstance("running", { record: { emptySince: NOW - 5 * MINUTE }, pods: [aPod("p")] })]),
      expected: ["applyNode"],
    },
    {
      name: "may have DaemonSet pods and finished pods",
      view: aView([
        anInstance("running", {
          record: { emptySince: NOW - 5 * MINUTE },
          pods: [aPod("d", { owner: "DaemonSet" }), aPod("f", { phase: "Succeeded" })],
        }),
      ]),
      expected: [STOP],
    },
    {
      name: "is kept where scale-down is disabled",
      view: aView([empty(NOW - 15 * MINUTE)], { spec: aSpec({ scaleDown: { enabled: false } }) }),
      expected: [],
    },
    {
      name: "is kept while the pool is paused",
      view: aView([empty(NOW - HOUR)], { spec: aSpec({ paused: true }) }),
      expected: [],
    },
    {
      name: "is stopped for its age first",
      view: aView(
        [anInstance("running", { record: { emptySince: NOW - 5 * MINUTE, startedAt: NOW - HOUR, readyAt: NOW } })],
        {
          spec: aSpec({ maxNodeRuntimeMs: HOUR }),
        },
      ),
      expected: ["beginTransition stopping: MaxRuntime"],
    },
  ]);

  it("is checked when emptyNodeTTL is over", () => {
    expect(requeues(aView([empty(NOW - 5 * MINUTE + SECOND)]))).toEqual([SECOND]);
    expect(requeues(aView([empty()]))).toEqual([5 * MINUTE]);
  });

  it("has been empty since it was first seen empty, until a pod binds", () => {
    expect(recordChanges(aView([empty()]))).toEqual([{ emptySince: NOW }]);
    const bound = anInstance("running", { record: { emptySince: NOW - SECOND }, pods: [aPod("p")] });
    expect(recordChanges(aView([bound]))).toEqual([{ emptySince: null }]);
  });

  it("counts as a scale-down when it is stopped", () => {
    expect(metrics(aView([empty(NOW - 5 * MINUTE)]))).toEqual([{ metric: "scaleDowns", value: 1 }]);
  });
});

describe("a node does not count as empty", () => {
  const record = { emptySince: NOW - 15 * MINUTE, startedAt: NOW - 15 * MINUTE };
  check([
    {
      name: "before it was Ready",
      view: aView([anInstance("running", { record, node: { ready: false } })], {
        spec: aSpec({ scaleUp: { startTimeoutMs: HOUR } }),
      }),
      expected: [],
    },
    {
      name: "while it waits for its network",
      view: aView([
        anInstance("running", {
          record: { ...record, startedAt: NOW - MINUTE, readyAt: NOW - 30 * SECOND },
          node: { taints: [TAINT.notReady] },
        }),
      ]),
      expected: [],
    },
  ]);
});
