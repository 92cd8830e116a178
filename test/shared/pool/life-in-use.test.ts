import { describe, expect, it } from "vitest";
import { TAINT } from "../../../shared/model/names.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { aNode, anInstance, aPod, aSpec, aView, NOW } from "./builders.ts";
import { check, told, wakes } from "./decisions.ts";

const starting = { startedAt: NOW - 15_000, launchTime: NOW - 3_600_000, stateSince: NOW - 15_000 };

describe("starting", () => {
  const notReady = { ready: false, labels: { "stratos.sh/state": "running" } };
  const pods = [aPod("p")];
  const held = [TAINT.notReady, { key: "example.com/init", value: "true", effect: "NoSchedule" }];
  const withStartupTaint = aSpec({
    template: {
      ...aSpec().template,
      startupTaints: [{ key: "example.com/init", value: "true", effect: "NoSchedule" }],
    },
  });
  const up = { labels: { "stratos.sh/state": "running" }, taints: held };
  check([
    {
      name: "is left alone while it boots",
      view: aView([anInstance("running", { record: starting, ec2: { state: "pending" }, node: notReady })]),
      does: [],
    },
    {
      name: "that just began is not repeated",
      view: aView([
        anInstance("running", {
          record: { ...starting, startedAt: NOW - 500 },
          ec2: { state: "stopped" },
          node: notReady,
        }),
      ]),
      does: [],
    },
    {
      name: "that never reached EC2 is repeated",
      view: aView([anInstance("running", { record: starting, ec2: { state: "stopped" }, node: notReady })]),
      does: ["start"],
    },
    {
      name: "whose instance was stopped from outside is standby again",
      view: aView([
        anInstance("running", {
          record: starting,
          ec2: { state: "stopped", launchTime: NOW - 10_000 },
          node: notReady,
        }),
      ]),
      does: ["applyNode", "completeTransition standby: StoppedFromOutside"],
    },
    {
      name: "keeps the taints while the network is not ready",
      view: aView([anInstance("running", { record: { ...starting, readyAt: NOW - 1000 }, node: up, pods })], {
        spec: withStartupTaint,
      }),
      does: [],
    },
    {
      name: "ignores a network condition from before the start",
      view: aView(
        [
          anInstance("running", {
            record: { ...starting, readyAt: NOW - 1000 },
            node: { ...up, networkReadySince: NOW - 20_000 },
            pods,
          }),
        ],
        { spec: withStartupTaint },
      ),
      does: [],
    },
    {
      name: "loses its taints when the network is ready",
      view: aView(
        [
          anInstance("running", {
            record: { ...starting, readyAt: NOW - 1000 },
            node: { ...up, networkReadySince: NOW - 2000 },
            pods,
          }),
        ],
        { spec: withStartupTaint },
      ),
      does: ["applyNode"],
    },
    {
      name: "loses its taints after two minutes whatever the network says",
      view: aView(
        [
          anInstance("running", {
            record: { startedAt: NOW - 180_000, readyAt: NOW - 150_000 },
            node: up,
            pods,
          }),
        ].map((instance) => ({
          ...instance,
          node: {
            ...instance.node,
            status: aNode("n").status,
            metadata: { ...aNode("n").metadata, labels: up.labels },
          },
        })),
        { spec: withStartupTaint, now: NOW + 120_000 },
      ),
      does: ["applyNode"],
    },
    {
      name: "loses the cloud controller's shutdown taint once Ready",
      view: aView([
        anInstance("running", {
          record: { ...starting, readyAt: NOW - 1000 },
          node: { labels: up.labels, taints: [TAINT.shutdown] },
          pods,
        }),
      ]),
      does: ["applyNode"],
    },
  ]);

  it("measures from the demand to the Ready node", () => {
    const view = aView([anInstance("running", { record: { ...starting, demandSince: NOW - 18_000 } })]);
    expect(plan(view)).toContainEqual(
      expect.objectContaining({ kind: "recordMetric", metric: "scaleUpDuration", value: 18_000 }),
    );
  });
});

describe("running", () => {
  const empty = (emptySince?: number) => anInstance("running", { record: { ...(emptySince && { emptySince }) } });
  check([
    { name: "becomes a candidate when empty", view: aView([empty()]), does: ["applyNode"] },
    { name: "stays while its TTL runs", view: aView([empty(NOW - 299_000)]), does: [] },
    { name: "stops after its TTL", view: aView([empty(NOW - 300_000)]), does: ["beginTransition stopping: Empty"] },
    {
      name: "keeps a node whose last pod came back",
      view: aView([anInstance("running", { record: { emptySince: NOW - 300_000 }, pods: [aPod("p")] })]),
      does: ["applyNode"],
    },
    {
      name: "counts DaemonSet and finished pods as nothing",
      view: aView([
        anInstance("running", {
          record: { emptySince: NOW - 300_000 },
          pods: [aPod("d", { owner: "DaemonSet" }), aPod("f", { phase: "Succeeded" })],
        }),
      ]),
      does: ["beginTransition stopping: Empty"],
    },
    {
      name: "is never stopped where scale-down is off",
      view: aView([empty(NOW - 900_000)], { spec: aSpec({ scaleDown: { ...aSpec().scaleDown, enabled: false } }) }),
      does: [],
    },
    {
      name: "is recycled after maxNodeRuntime, pods or not",
      view: aView(
        [anInstance("running", { record: { startedAt: NOW - 3_600_000, readyAt: NOW }, pods: [aPod("p")] })],
        {
          spec: aSpec({ maxNodeRuntimeMs: 3_600_000 }),
        },
      ),
      does: ["beginTransition stopping: MaxRuntime"],
    },
  ]);

  it("warns five minutes before maxNodeRuntime", () => {
    const old = anInstance("running", { record: { startedAt: NOW - 3_310_000, readyAt: NOW }, pods: [aPod("p")] });
    expect(told(aView([old], { spec: aSpec({ maxNodeRuntimeMs: 3_600_000 }) }))).toEqual(["MaxRuntimeApproaching"]);
  });

  it("wakes itself for the end of the TTL", () => {
    expect(wakes(aView([empty(NOW - 299_000)]))).toEqual([1000]);
  });
});
