import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { equivalenceKey } from "../../../shared/demand/in-vain.ts";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { aNode, aRecord, aSpec, NOW } from "../pool/builders.ts";
import { aDemandPool, aDemandView, aPendingPod, aTemplate, pods, UNSCHEDULABLE } from "./builders.ts";

const aPool = (standby: number, overrides: Partial<DemandPool> = {}): DemandPool =>
  aDemandPool({ standby: Array.from({ length: standby }, () => aRecord("standby")), ...overrides });

const starts = (view: Parameters<typeof aDemandView>[0]) =>
  planDemand(aDemandView(view)).starts.map(({ pool, records }) => `${pool} ${records.length}`);

describe("demand", () => {
  const sizes: readonly { name: string; count: number; requests: Record<string, string>; starts: string[] }[] = [
    { name: "one pod starts one node", count: 1, requests: { cpu: "100m" }, starts: ["workers 1"] },
    { name: "pods that share a node start one", count: 4, requests: { cpu: "500m" }, starts: ["workers 1"] },
    { name: "one pod more than fits starts another node", count: 5, requests: { cpu: "500m" }, starts: ["workers 2"] },
    { name: "memory counts", count: 3, requests: { memory: "4Gi" }, starts: ["workers 2"] },
    { name: "the number of pods counts", count: 11, requests: {}, starts: ["workers 2"] },
    { name: "a pod that fits on no node starts none", count: 1, requests: { cpu: "3" }, starts: [] },
    {
      name: "a pod that requests a device that no node has starts none",
      count: 1,
      requests: { "nvidia.com/gpu": "1" },
      starts: [],
    },
  ];

  it.each(sizes)("$name", ({ count, requests, starts: expected }) => {
    expect(starts({ pods: pods(count, requests), pools: [aPool(5)] })).toEqual(expected);
  });

  it("starts all of standby and reports how many pods it cannot serve", () => {
    const plan = planDemand(aDemandView({ pods: pods(5, { cpu: "2" }), pools: [aPool(2)] }));
    expect(plan.starts[0]?.records).toHaveLength(2);
    expect(plan.pending).toEqual([{ pool: "workers", podCount: 5, unservedCount: 3 }]);
  });

  it("uses free room on nodes that are starting before it starts another", () => {
    const started = [
      { record: aRecord("running", { startedAt: NOW - 10_000 }), node: aNode("n", { ready: false }), pods: [] },
    ];
    expect(starts({ pods: pods(1, { cpu: "1" }), pools: [aPool(5, { started })] })).toEqual([]);
  });

  it("keeps the room of a starting node for the pods that it was started for, whatever comes later", () => {
    const record = aRecord("running", { startedAt: NOW - 10_000, pods: ["default/first"] });
    const pool = aPool(5, { started: [{ record, pods: [] }] });
    const first = aPendingPod("first", { cpu: "1500m" });
    const later = aPendingPod("later", { cpu: "2" }, { spec: { priority: 1 } });
    const plan = planDemand(aDemandView({ pods: [later, first], pools: [pool] }));
    expect(plan.waiting).toEqual([{ pod: first, record }]);
    expect(plan.starts.map(({ pods: own }) => own)).toEqual([[[later]]]);
  });

  it("keeps it, too, for pods whose kind backs off since another node was started for them in vain", () => {
    const record = aRecord("running", { startedAt: NOW - 10_000, pods: ["default/first"] });
    const first = aPendingPod("first", { cpu: "1500m" });
    const startsInVain = [{ key: equivalenceKey(first), count: 1, at: NOW - 1000 }];
    const pool = aPool(5, { started: [{ record, pods: [] }], startsInVain });
    const like = { ...first, metadata: { ...first.metadata, name: "like" } };
    const other = aPendingPod("other", { cpu: "2" });
    const plan = planDemand(aDemandView({ pods: [other, first, like], pools: [pool] }));
    expect(plan.waiting).toEqual([{ pod: first, record }]);
    expect(plan.starts.map(({ pods: own }) => own)).toEqual([[[other]]]);
  });

  it("counts pods that are bound to a starting node", () => {
    const boundPod = { ...aPendingPod("bound", { cpu: "1500m" }), status: { phase: "Pending" } };
    const started = [{ record: aRecord("running", { startedAt: NOW - 10_000 }), pods: [boundPod] }];
    expect(starts({ pods: pods(1, { cpu: "1" }), pools: [aPool(5, { started })] })).toEqual(["workers 1"]);
  });

  it("starts standby that pods are bound to, and lets other pods use what is left of it", () => {
    const operator = { ...aPendingPod("operator", { cpu: "1500m" }), status: { phase: "Pending" } };
    const record = aRecord("standby");
    const occupied = [{ record, node: aNode("n", { ready: false }), pods: [operator] }];
    const planned = (cpu: string) =>
      planDemand(aDemandView({ pods: pods(1, { cpu }), pools: [aPool(5, { occupied })] })).starts.map(
        ({ reason, records, podCount }) => `${reason}: ${records.length} for ${podCount}`,
      );
    expect(planned("500m")).toEqual(["PodBound: 1 for 1"]);
    expect(planned("1")).toEqual(["PodBound: 1 for 1", "Demand: 1 for 1"]);
    expect(planDemand(aDemandView({ pools: [aPool(5, { occupied })] })).starts[0]?.records).toEqual([record]);
  });

  it("does not count a pod twice that binds to a starting node while demand is observed", () => {
    const waiting = pods(2, { cpu: "1" });
    const bound = waiting.slice(0, 1).map((pod) => ({ ...pod, spec: { ...pod.spec, nodeName: "n" } }));
    const started = [{ record: aRecord("running", { startedAt: NOW - 10_000 }), node: aNode("n"), pods: bound }];
    expect(starts({ pods: waiting, pools: [aPool(5, { started })] })).toEqual([]);
  });

  it("does not count finished pods", () => {
    const done = { ...aPendingPod("done", { cpu: "2" }), status: { phase: "Succeeded" } };
    const started = [{ record: aRecord("running", { startedAt: NOW - 10_000 }), pods: [done] }];
    expect(starts({ pods: pods(1, { cpu: "2" }), pools: [aPool(5, { started })] })).toEqual([]);
  });

  it("plans one pod per node if the size of the nodes is unknown", () => {
    expect(
      starts({ pods: pods(3, { cpu: "100m" }), pools: [aPool(5, { template: aTemplate({ estimates: new Map() }) })] }),
    ).toEqual(["workers 3"]);
  });

  it("starts a node for a pod in one pool only, and uses the next pool for the rest", () => {
    const pools = [aPool(5, { name: "b" }), aPool(1, { name: "a" })];
    expect(starts({ pods: pods(3, { cpu: "2" }), pools })).toEqual(["a 1", "b 2"]);
  });

  it.each([
    { name: "bound", change: { spec: { nodeName: "n", containers: [] } } },
    { name: "terminating", change: { metadata: { name: "p", deletionTimestamp: "2026-01-01T00:00:00Z" } } },
    { name: "not yet seen by the scheduler", change: { status: { phase: "Pending" } } },
    {
      name: "gated",
      change: { status: { phase: "Pending", conditions: [{ ...UNSCHEDULABLE, reason: "SchedulingGated" }] } },
    },
    {
      name: "owned by a DaemonSet",
      change: { metadata: { name: "p", ownerReferences: [{ kind: "DaemonSet", name: "d", controller: true }] } },
    },
  ])("ignores a pod that is $name", ({ change }) => {
    expect(starts({ pods: [{ ...aPendingPod("p"), ...change }], pools: [aPool(1)] })).toEqual([]);
  });

  const nominated = (minutes: number): KubePod => {
    const lastTransitionTime = new Date(NOW - minutes * 60_000).toISOString();
    const conditions = [{ ...UNSCHEDULABLE, lastTransitionTime }];
    return { ...aPendingPod("p"), status: { phase: "Pending", conditions, nominatedNodeName: "n" } };
  };
  const cordoned = { ...aNode("n"), spec: { unschedulable: true } };

  it.each([
    { name: "waits for a node of no pool", minutes: 1, nodes: [aNode("n")], expected: [] },
    { name: "waits for a node for five minutes", minutes: 5, nodes: [aNode("n")], expected: ["workers 1"] },
    { name: "does not wait for a cordoned node", minutes: 1, nodes: [cordoned], expected: ["workers 1"] },
    { name: "does not wait for a node that is gone", minutes: 1, nodes: [aNode("m")], expected: ["workers 1"] },
  ])("a pod that is nominated to a node by preemption $name", ({ minutes, nodes, expected }) => {
    expect(starts({ pods: [nominated(minutes)], pools: [aPool(1)], context: { nodes } })).toEqual(expected);
  });

  it("a pod that is nominated to a node of a pool waits for it", () => {
    const pool = { ...aPool(1), nodes: new Map([["n", aNode("n")]]) };
    expect(starts({ pods: [nominated(1)], pools: [pool] })).toEqual([]);
  });

  const tainted = {
    ...aSpec(),
    template: {
      ...aSpec().template,
      labels: { team: "ci" },
      taints: [{ key: "team", value: "ci", effect: "NoSchedule" as const }],
    },
  };
  const toleration = { key: "team", operator: "Equal", value: "ci", effect: "NoSchedule" };

  it.each([
    { name: "tolerates and selects", spec: { tolerations: [toleration], nodeSelector: { team: "ci" } }, count: 1 },
    { name: "tolerates everything", spec: { tolerations: [{ operator: "Exists" }] }, count: 1 },
    { name: "tolerates nothing", spec: {}, count: 0 },
    { name: "tolerates another value", spec: { tolerations: [{ ...toleration, value: "web" }] }, count: 0 },
    { name: "selects another label", spec: { tolerations: [toleration], nodeSelector: { team: "web" } }, count: 0 },
  ])("a tainted pool starts $count nodes for a pod that $name", ({ spec, count }) => {
    const plan = planDemand(
      aDemandView({ pods: [aPendingPod("p", {}, { spec })], pools: [aPool(3, { spec: tainted })] }),
    );
    expect(plan.starts.flatMap(({ records }) => records)).toHaveLength(count);
    expect(plan.unschedulable).toHaveLength(1 - count);
  });

  it("never starts more nodes than there are pods, and serves every pod that fits", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 40 }), (tenths) => {
        const pending = tenths.map((tenth, index) => aPendingPod(`p${index}`, { cpu: `${tenth * 100}m` }));
        const plan = planDemand(aDemandView({ pods: pending, pools: [aPool(40)] }));
        const count = plan.starts[0]?.records.length ?? 0;
        const least = Math.ceil(tenths.reduce((sum, tenth) => sum + tenth, 0) / 20);
        expect(plan.unserved).toEqual([]);
        expect(count).toBeGreaterThanOrEqual(Math.max(least, Math.ceil(tenths.length / 10)));
        expect(count).toBeLessThanOrEqual(tenths.length);
      }),
    );
  });
});
