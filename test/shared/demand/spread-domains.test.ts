/** Which zones count for topology spread: those with nodes, as the scheduler counts them, and those that the pods could reach. */
import { describe, expect, it } from "vitest";
import type { DemandPool } from "../../../shared/demand/view.ts";
import type { PodSpec, Taint } from "../../../shared/model/kubernetes/objects.ts";
import type { SpreadConstraint } from "../../../shared/model/kubernetes/scheduling.ts";
import { aSpec } from "../pool/builders.ts";
import { aDemandPool, aNodeObject, anOffering, aTemplate, nodesOf, pods, withStandby } from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";
const [A, B] = ["us-east-1a", "us-east-1b"];
const TAINT: Taint = { key: "team", value: "other", effect: "NoSchedule" };

const spread = (more: Partial<SpreadConstraint> = {}): Partial<PodSpec> => ({
  topologySpreadConstraints: [
    {
      labelSelector: { matchLabels: { app: "web" } },
      topologyKey: ZONE,
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
      ...more,
    },
  ],
});

const launching = (name: string, zone: string, overrides: Partial<DemandPool> = {}) =>
  aDemandPool({ name, launchCapacity: { maxNodes: 5, offerings: [anOffering({ zone })] }, ...overrides });

const tainted = aSpec({ template: { ...aSpec().template, taints: [TAINT] } });
const small = aTemplate({ estimates: new Map([["m5.large", { cpu: "50m", memory: "8Gi", pods: "10" }]]) });

/** How many of three pods find a node, with one pool that launches in zone A. */
const served = (spec: Partial<PodSpec>, other: DemandPool, context: Parameters<typeof nodesOf>[0]["context"] = {}) =>
  Object.values(
    nodesOf({
      pods: pods(3, { cpu: "100m" }, { labels: { app: "web" }, spec }),
      pools: [launching("first", A), other],
      context,
    }),
  ).flat().length;

describe("a zone in which nodes could be launched", () => {
  const toleration = { key: "team", operator: "Exists" };
  it.each([
    { name: "counts if they can run the pods", spec: spread(), other: launching("b", B) },
    { name: "does not count if they have a taint", spec: spread(), other: launching("b", B, { spec: tainted }) },
    {
      name: "counts if the pods tolerate the taint, and is used",
      spec: { ...spread(), tolerations: [toleration] },
      other: launching("b", B, { spec: tainted }),
    },
    { name: "does not count if they are too small", spec: spread(), other: launching("b", B, { template: small }) },
    {
      name: "does not count if the pods select another zone, whatever nodeAffinityPolicy says",
      spec: { ...spread({ nodeAffinityPolicy: "Ignore" }), nodeSelector: { [ZONE]: A } },
      other: launching("b", B),
    },
  ])("$name", ({ spec, other }) => {
    expect(served(spec, other)).toBe(3);
  });

  it("does not count if the pool has no slot left", () => {
    const full = { maxNodes: 0, offerings: [anOffering({ zone: B })] };
    expect(served(spread(), launching("b", B, { launchCapacity: full }))).toBe(3);
  });

  it("counts, so that pods wait for it, once a node of another pool is there", () => {
    const nodes = [aNodeObject("n", { zone: B, pool: "none", taints: [TAINT] })];
    const other = launching("b", B, { spec: tainted });
    expect(served(spread(), other, { nodes })).toBe(1);
    expect(served(spread({ nodeTaintsPolicy: "Honor" }), other, { nodes })).toBe(3);
  });
});

describe("a zone with stopped nodes", () => {
  const stopped = (overrides: Partial<DemandPool>) =>
    withStandby(aDemandPool({ name: "b", ...overrides }), [aNodeObject("n", { zone: B, pool: "b" })]);

  it("counts as the scheduler counts it, even if the pods cannot run there", () => {
    expect(served(spread(), stopped({ spec: tainted }))).toBe(1);
  });

  it("counts with nodeTaintsPolicy Honor only if the pods can run there", () => {
    const honor = spread({ nodeTaintsPolicy: "Honor" });
    expect(served(honor, stopped({ spec: tainted }))).toBe(3);
    expect(served({ ...honor, nodeSelector: { [ZONE]: A } }, stopped({}))).toBe(3);
    const zonesOf = Object.keys(
      nodesOf({
        pods: pods(2, { cpu: "100m" }, { labels: { app: "web" }, spec: honor }),
        pools: [launching("first", A), stopped({})],
      }),
    );
    expect(zonesOf).toHaveLength(2);
  });
});
