import { describe, expect, it } from "vitest";
import { ANNOTATION, LABEL, TAINT } from "../../../shared/model/names.ts";
import { rfc3339 } from "../../../shared/model/time.ts";
import { plan } from "../../../shared/pool/plan.ts";
import type { PoolView } from "../../../shared/pool/view.ts";
import { anInstance, aPod, aSpec, aView, type InstanceOverrides, MINUTE, NOW, SECOND } from "./builders.ts";
import { check, events, metrics, nodePatches, recordChanges, requeues } from "./decisions.ts";
import { OWN, STANDBY_LABELS } from "./standby-node.ts";

const startupTaint = { key: "example.com/init", value: "true", effect: "NoSchedule" } as const;
const spec = aSpec({ template: { startupTaints: [startupTaint] } });
const kindsOf = (view: PoolView) => plan(view).map(({ kind }) => kind);

/** A running instance with a pod, so that it is never empty. */
const inUse = (overrides: InstanceOverrides = {}) => anInstance("running", { pods: [aPod("p")], ...overrides });

describe("a standby node", () => {
  const taints = [startupTaint, TAINT.notReady, TAINT.standby];
  const labels = STANDBY_LABELS;
  const annotations = { ...OWN, [ANNOTATION.ownTaints]: taints.map(({ key, effect }) => `${key}:${effect}`).join(",") };
  const standby = (node: InstanceOverrides["node"]) =>
    aView([anInstance("standby", { node: { labels, annotations, taints, ...node } })], { spec });
  const withTeamLabel = aSpec({
    template: { startupTaints: [startupTaint], labels: { [LABEL.pool]: "workers", team: "build" } },
  });
  check([
    { name: "is left alone by default", view: aView([anInstance("standby")]), expected: [] },
    { name: "is left alone with the pool's startup taints", view: standby({}), expected: [] },
    { name: "is cordoned again if it was uncordoned", view: standby({ cordoned: false }), expected: ["applyNode"] },
    { name: "gets back its standby taint", view: standby({ taints: taints.slice(0, 2) }), expected: ["applyNode"] },
    { name: "gets back its startup taint", view: standby({ taints: taints.slice(1) }), expected: ["applyNode"] },
    {
      name: "gets back its not-ready taint",
      view: standby({ taints: [startupTaint, TAINT.standby] }),
      expected: ["applyNode"],
    },
    {
      name: "gets back the pool's label",
      view: standby({ labels: { ...labels, [LABEL.pool]: "another" } }),
      expected: ["applyNode"],
    },
    {
      name: "keeps other taints and labels",
      view: standby({ labels: { ...labels, mine: "1" }, taints: [...taints, TAINT.shutdown] }),
      expected: [],
    },
    {
      name: "loses a label that its pool no longer has",
      view: standby({
        labels: { ...labels, team: "build" },
        annotations: { ...annotations, [ANNOTATION.ownLabels]: `${annotations[ANNOTATION.ownLabels]},team` },
      }),
      expected: ["applyNode"],
    },
    {
      name: "gets the value that a taint of its pool has now",
      view: standby({ taints: [{ ...startupTaint, value: "former" }, TAINT.notReady, TAINT.standby] }),
      expected: ["applyNode"],
    },
    {
      name: "is kept out of load balancers",
      view: standby({ labels: { [LABEL.state]: "standby", [LABEL.pool]: "workers" } }),
      expected: ["applyNode"],
    },
    {
      name: "gets a label that its pool has received since",
      view: { ...standby({}), spec: withTeamLabel },
      expected: ["applyNode"],
    },
  ]);

  it("is changed only if its record has not changed", () => {
    const view = standby({ cordoned: false });
    expect(kindsOf(view)).toEqual(["updateRecord", "applyNode"]);
    expect(recordChanges(view)).toEqual([{}]);
  });

  it("gets back cordon, taints and labels in one patch", () => {
    const view = standby({ cordoned: false, taints: [], labels: { ...labels, [LABEL.pool]: "another" } });
    expect(nodePatches(view)).toEqual([
      {
        metadata: { resourceVersion: "7", labels: { [LABEL.pool]: "workers" } },
        spec: { unschedulable: true, taints },
      },
    ]);
  });
});

describe("a warming node", () => {
  check([
    {
      name: "gets its labels if it registered without them",
      view: aView([anInstance("warmup", { node: { labels: {} } })]),
      expected: ["applyNode"],
    },
    {
      name: "keeps what was changed on it since",
      view: aView([anInstance("warmup", { node: { cordoned: true, taints: [startupTaint] } })], { spec }),
      expected: [],
    },
  ]);
});

describe("the annotations of a running node", () => {
  const startedAt = NOW - 15 * SECOND;

  it("lose scale-up-started once the node is Ready", () => {
    expect(nodePatches(aView([inUse({ record: { startedAt } })]))).toEqual([
      { metadata: { annotations: { [ANNOTATION.scaleUpStarted]: null } } },
    ]);
    expect(nodePatches(aView([inUse({ record: { startedAt }, node: { ready: false } })]))).toEqual([]);
  });

  it("get scale-up-started back while the node is starting", () => {
    const record = { startedAt };
    expect(nodePatches(aView([inUse({ record, node: { ready: false, annotations: {} } })]))).toEqual([
      { metadata: { annotations: { [ANNOTATION.scaleUpStarted]: rfc3339(startedAt) } } },
    ]);
  });

  it("show since when the node has been empty", () => {
    const candidate = (value: string | null) => [
      { metadata: { annotations: { [ANNOTATION.scaleDownCandidateSince]: value } } },
    ];
    const emptySince = NOW - MINUTE;
    expect(nodePatches(aView([anInstance("running")]))).toEqual(candidate(rfc3339(NOW)));
    expect(nodePatches(aView([anInstance("running", { record: { emptySince } })]))).toEqual([]);
    expect(nodePatches(aView([anInstance("running", { record: { emptySince }, node: { annotations: {} } })]))).toEqual(
      candidate(rfc3339(emptySince)),
    );
    expect(nodePatches(aView([inUse({ record: { emptySince } })]))).toEqual(candidate(null));
  });
});

describe("the shutdown taint of the cloud controller manager", () => {
  const started = { startedAt: NOW - 15 * SECOND, readyAt: NOW - SECOND };
  const tainted = (overrides: InstanceOverrides = {}) =>
    aView([inUse({ record: started, ...overrides, node: { taints: [TAINT.shutdown], ...overrides.node } })]);
  check([
    { name: "is removed from a Ready running node", view: tainted(), expected: ["applyNode"] },
    { name: "is kept while the node is not Ready", view: tainted({ node: { ready: false } }), expected: [] },
    {
      name: "is kept while EC2 shows the instance as pending",
      view: tainted({ ec2: { state: "pending" } }),
      expected: [],
    },
  ]);

  it("is removed at the version of the node that was read", () => {
    expect(nodePatches(tainted())).toEqual([{ metadata: { resourceVersion: "7" }, spec: { taints: [] } }]);
  });
});

describe("the readiness taints of a Ready running node", () => {
  const taints = [TAINT.notReady, startupTaint];
  const record = { startedAt: NOW - 15 * SECOND, readyAt: NOW - SECOND };
  const started = (node: InstanceOverrides["node"], overrides: InstanceOverrides = {}) =>
    aView([inUse({ record, ...overrides, node: { taints, ...node } })], { spec });
  const networkReady = () => started({ networkReadySince: NOW - 2 * SECOND });
  /** A node that became Ready after its start and reports no network. */
  const readyFor = (ms: number) =>
    started({ readySince: NOW - ms }, { record: { startedAt: NOW - 180 * SECOND, readyAt: NOW - 150 * SECOND } });
  check([
    { name: "are kept while the network is not ready", view: started({}), expected: [] },
    {
      name: "are kept if the network was ready before the start only",
      view: started({ networkReadySince: NOW - 20 * SECOND }),
      expected: [],
    },
    { name: "are removed when the network is ready", view: networkReady(), expected: ["applyNode"] },
    {
      name: "are kept until the network has not been ready for two minutes",
      view: readyFor(2 * MINUTE - 1),
      expected: [],
    },
    {
      name: "are removed after two minutes, whatever the network reports",
      view: readyFor(2 * MINUTE),
      expected: ["applyNode"],
    },
  ]);

  const removal = (trigger: "network" | "timeout", afterMs: number) => [
    { metric: "startupTaintRemovals", value: 1, labels: { trigger, result: "success" } },
    { metric: "startupTaintDuration", value: afterMs },
  ];

  it("are removed without an event when the network is ready", () => {
    expect(nodePatches(networkReady())).toEqual([{ metadata: { resourceVersion: "7" }, spec: { taints: [] } }]);
    expect(metrics(networkReady())).toEqual(removal("network", 15 * SECOND));
    expect(events(networkReady())).toEqual([]);
  });

  it("are removed with a warning after two minutes", () => {
    expect(metrics(readyFor(2 * MINUTE))).toEqual(removal("timeout", 2 * MINUTE));
    expect(plan(readyFor(2 * MINUTE)).filter(({ kind }) => kind === "emitEvent")).toEqual([
      expect.objectContaining({ type: "Warning", reason: "NetworkNotReady" }),
    ]);
  });

  it("are checked when the two minutes are over", () => {
    expect(requeues(readyFor(2 * MINUTE - 1))).toEqual([1]);
    expect([metrics(readyFor(2 * MINUTE - 1)), events(readyFor(2 * MINUTE - 1))]).toEqual([[], []]);
  });

  it("are removed in the reconcile that first sees the node Ready", () => {
    const [patch] = nodePatches(
      started({ networkReadySince: NOW - 2 * SECOND }, { record: { startedAt: record.startedAt } }),
    );
    expect(patch).toMatchObject({
      metadata: { annotations: { [ANNOTATION.scaleUpStarted]: null } },
      spec: { taints: [] },
    });
  });

  it("are removed from a node that registered again while EC2 still shows its instance as pending", () => {
    const view = started(
      { labels: {}, networkReadySince: NOW - 2 * SECOND },
      { record: { startedAt: record.startedAt }, ec2: { state: "pending" } },
    );
    expect(nodePatches(view)).toMatchObject([
      { metadata: { labels: { [LABEL.state]: "running" } }, spec: { taints: [] } },
    ]);
  });
});

describe("a draining node", () => {
  it.each(["stopping", "terminating"] as const)("that is %s is cordoned again if it was uncordoned", (state) => {
    const view = aView([anInstance(state, { node: { cordoned: false }, pods: [aPod("p")] })]);
    expect(kindsOf(view)).toEqual(["applyNode", "requeueAt"]);
    expect(nodePatches(view)).toEqual([{ metadata: { resourceVersion: "7" }, spec: { unschedulable: true } }]);
    expect(requeues(view)).toEqual([0]);
  });
});

describe("a transition", () => {
  const tagged = (state: string) => ({ tags: { "stratos.sh/state": state } });

  it("that begins leaves node and tag to the next reconcile", () => {
    const emptySince = NOW - 5 * MINUTE;
    const begins = anInstance("running", { record: { emptySince }, ec2: tagged("standby"), node: { cordoned: true } });
    expect(kindsOf(aView([begins]))).toEqual(["beginTransition", "recordMetric", "emitEvent"]);
    const begun = anInstance("stopping", {
      ec2: tagged("running"),
      node: { cordoned: false, labels: { [LABEL.state]: "running" } },
    });
    expect(kindsOf(aView([begun]))).toEqual(["tagState", "applyNode", "requeueAt"]);
  });

  it("that completes changes the node before the record, and leaves the tag to the next reconcile", () => {
    const completes = anInstance("stopping", { ec2: { state: "stopped" } });
    expect(kindsOf(aView([completes]))).toEqual(["applyNode", "completeTransition"]);
    expect(nodePatches(aView([completes]))).toMatchObject([
      { metadata: { labels: { [LABEL.state]: "standby" } }, spec: { taints: [TAINT.notReady, TAINT.standby] } },
    ]);
    expect(kindsOf(aView([anInstance("standby", { ec2: tagged("stopping") })]))).toEqual(["tagState"]);
  });

  it("that completes without a node changes the record alone", () => {
    const completes = anInstance("stopping", { ec2: { state: "stopped" }, node: null });
    expect(kindsOf(aView([completes]))).toEqual(["completeTransition"]);
  });
});
