/** How many pods wait for each pool. */
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import { aNode, aRecord, aSpec, NOW } from "../pool/builders.ts";
import { aDemandPool, aDemandView, anOffering, aPendingPod, pods } from "./builders.ts";

const aPool = (standby: number, overrides: Partial<DemandPool> = {}): DemandPool =>
  aDemandPool({ standby: Array.from({ length: standby }, () => aRecord("standby")), ...overrides });

const pendingOf = (count: number, pools: readonly DemandPool[]) =>
  planDemand(aDemandView({ pods: pods(count, { cpu: "2" }), pools })).pending;

describe("the pods that wait for a pool", () => {
  it("are those that its nodes are started for, and those that it has no node for", () => {
    expect(pendingOf(5, [aPool(2)])).toEqual([{ pool: "workers", podCount: 5, unservedCount: 3 }]);
    expect(pendingOf(2, [aPool(2)])).toEqual([{ pool: "workers", podCount: 2, unservedCount: 0 }]);
    expect(pendingOf(0, [aPool(2)])).toEqual([]);
  });

  it("are those, too, that nodes started earlier are for", () => {
    const record = aRecord("running", { startedAt: NOW - 10_000, pods: ["default/p0"] });
    const started = [{ record, node: aNode("n", { ready: false }), pods: [] }];
    expect(pendingOf(2, [aPool(0, { started })])).toEqual([{ pool: "workers", podCount: 2, unservedCount: 1 }]);
  });

  it("are served by launches as far as the pool has slots", () => {
    const launchCapacity = { maxNodes: 1, offerings: [anOffering({})] };
    expect(pendingOf(3, [aPool(1, { launchCapacity })])).toEqual([{ pool: "workers", podCount: 3, unservedCount: 1 }]);
  });

  it("wait for every pool that could run them, if none has a node for them", () => {
    const pools = [aPool(1, { name: "a" }), aPool(0, { name: "b" })];
    expect(pendingOf(2, pools)).toEqual([
      { pool: "a", podCount: 2, unservedCount: 1 },
      { pool: "b", podCount: 1, unservedCount: 1 },
    ]);
  });

  it("are none that the pool could not run", () => {
    const taints = [{ key: "team", value: "ci", effect: "NoSchedule" as const }];
    const tainted = aPool(1, { spec: aSpec({ template: { ...aSpec().template, taints } }) });
    expect(pendingOf(2, [tainted])).toEqual([]);
    const large = aDemandView({ pods: [aPendingPod("large", { cpu: "3" })], pools: [aPool(1)] });
    expect(planDemand(large).pending).toEqual([]);
  });
});
