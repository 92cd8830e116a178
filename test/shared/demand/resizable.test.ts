/** Standby that can be started only as another instance type. */
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import { LABEL } from "../../../shared/model/names.ts";
import { aRecord, NOW } from "../pool/builders.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  aPool,
  aTemplate,
  pods,
  withStandby,
} from "./builders.ts";

const SMALL = { cpu: "1", memory: "4Gi", pods: "8" };
const LARGE = { cpu: "4", memory: "16Gi", pods: "50" };

const template = aTemplate({
  estimates: new Map([
    ["m5.large", { cpu: "2", memory: "8Gi", pods: "10" }],
    ["t3.small", SMALL],
    ["m6i.xlarge", LARGE],
  ]),
});

/** One stopped node that was an m5.large with two cores. */
const resizable = (instanceType: string, overrides: Partial<DemandPool> = {}): DemandPool => {
  const { standby, ...pool } = withStandby(aDemandPool({ template, ...overrides }), [aNodeObject("n0")]);
  return { ...pool, standby: [], resizable: standby.map((record) => ({ record, instanceType })) };
};

const ONE_CORE = { cpu: "1" };
const plan = (count: number, ...pools: readonly DemandPool[]) =>
  planDemand(aDemandView({ pods: pods(count, ONE_CORE), pools }));

describe("standby to be resized", () => {
  it("is started as its new type, with the pods that fit that type", () => {
    const { starts, placed } = plan(5, resizable("m6i.xlarge"));
    expect(starts.flatMap(({ records }) => records)).toMatchObject([
      { nodeName: "n0", instanceType: "m6i.xlarge", resizedFrom: "m5.large" },
    ]);
    expect(placed).toHaveLength(4);
    expect(plan(5, resizable("t3.small")).placed).toHaveLength(1);
  });

  it("is not started for pods that its new type has no room for", () => {
    const view = aDemandView({ pods: [aPendingPod("p", { cpu: "2" })], pools: [resizable("t3.small")] });
    expect(planDemand(view).starts).toEqual([]);
  });

  it("takes one pod if nothing is known of its new type", () => {
    expect(plan(3, resizable("c6i.large")).placed).toHaveLength(1);
  });

  it("comes after standby that needs no change, also that of other pools, and before launches", () => {
    const offerings = [anOffering({ instanceType: "m6i.xlarge" })];
    const launching = resizable("m6i.xlarge", { launchCapacity: { maxNodes: 5, offerings } });
    const others = aPool("others", 1);
    const { starts, launches } = plan(7, launching, others);
    expect(starts.map(({ pool, podCount }) => [pool, podCount])).toEqual([
      ["others", 2],
      ["workers", 4],
    ]);
    expect(launches.map(({ podCount }) => podCount)).toEqual([1]);
    expect(plan(2, launching, others).starts.map(({ pool }) => pool)).toEqual(["others"]);
  });

  it("comes after standby that needs no change even if fewer nodes of its new type would do", () => {
    const { starts } = plan(4, resizable("m6i.xlarge"), aPool("others", 2));
    expect(starts.map(({ pool, records }) => [pool, records.length])).toEqual([["others", 2]]);
  });

  it("meets selectors by the labels of its new type", () => {
    const servedAs = (type: string) => {
      const spec = { nodeSelector: { "node.kubernetes.io/instance-type": type } };
      const view = aDemandView({ pods: pods(1, ONE_CORE, { spec }), pools: [resizable("m6i.xlarge")] });
      return planDemand(view).placed.length;
    };
    expect(servedAs("m6i.xlarge")).toBe(1);
    expect(servedAs("m5.large")).toBe(0);
  });
});

describe("a node that boots as another type", () => {
  const record = aRecord("running", {
    nodeName: "n0",
    instanceType: "m6i.xlarge",
    resizedFrom: "m5.large",
    startedAt: NOW - 5000,
  });
  /** It has the labels of its new type, and reports what it had as an m5.large. */
  const node = aNodeObject("n0", {
    labels: { "node.kubernetes.io/instance-type": "m6i.xlarge", [LABEL.state]: "running" },
  });
  const booting = (overrides: Partial<DemandPool> = {}) =>
    aDemandPool({ template, started: [{ record, node, pods: [] }], nodes: new Map([["n0", node]]), ...overrides });

  it("has the estimated room of its new type, so that nothing more is started for the same pods", () => {
    expect(plan(4, booting()).placed).toHaveLength(4);
  });

  it("tells nothing of other nodes of its new type", () => {
    const launchCapacity = { maxNodes: 1, offerings: [anOffering({ instanceType: "m6i.xlarge" })] };
    expect(plan(8, booting({ launchCapacity })).placed).toHaveLength(8);
  });
});
