import { describe, expect, it } from "vitest";
import { plan } from "../../../../shared/pool/plan.ts";
import { anOverflowInstance, aSpec, aView, MINUTE, NOW } from "../builders.ts";
import { check, metrics } from "../decisions.ts";

const SERVES = ["beginTransition running: Overflow"];

describe("an instance launched for demand", () => {
  check([
    { name: "serves as soon as its node is Ready", view: aView([anOverflowInstance("serve")]), expected: SERVES },
    {
      name: "warms up until then",
      view: aView([anOverflowInstance("serve", { node: { ready: false } })]),
      expected: [],
    },
    {
      name: "is left to power itself off if it has to warm up first, even if its node is Ready",
      view: aView([anOverflowInstance("warmUp")]),
      expected: [],
    },
    {
      name: "is not stopped like an instance that only warms up",
      view: aView([anOverflowInstance("serve")], { spec: aSpec({ preWarm: { completionMode: "ControllerStop" } }) }),
      expected: SERVES,
    },
    {
      name: "serves after the warmup timeout, too",
      view: aView([anOverflowInstance("serve", { record: { stateSince: NOW - 10 * MINUTE } })]),
      expected: SERVES,
    },
    {
      name: "serves in a paused pool, too",
      view: aView([anOverflowInstance("serve")], { spec: aSpec({ paused: true }) }),
      expected: SERVES,
    },
  ]);

  it("has been starting since its launch, and counts as a scale-up", () => {
    const view = aView([anOverflowInstance("serve", { record: { stateSince: NOW - MINUTE, nodeName: "node-1" } })]);
    expect(plan(view)[0]).toMatchObject({ set: { startedAt: NOW - MINUTE, nodeName: "node-1", warmedAt: NOW } });
    expect(metrics(view)).toEqual([{ metric: "scaleUps", value: 1 }]);
  });
});
