/** A node looks the same whether it is an offering, a record without a Node object, or a Node object that has just registered. */
import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { DemandPool } from "../../../shared/demand/view.ts";
import type { PodSpec, ResourceList } from "../../../shared/model/kubernetes/objects.ts";
import { aRecord, NOW } from "../pool/builders.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  aTemplate,
  pods,
  withStandby,
  withStarted,
} from "./builders.ts";

const TAINT = { key: "team", value: "ci", effect: "NoSchedule" as const };
const LARGE = { cpu: "16", memory: "64Gi", pods: "100" };

const template = aTemplate({
  architecture: "arm64",
  labels: { tier: "fast" },
  taints: [TAINT],
  estimates: new Map([
    ["m5.large", { cpu: "2", memory: "8Gi", pods: "10" }],
    ["m5.4xlarge", LARGE],
  ]),
});
const offerings = [anOffering({ instanceType: "m5.4xlarge" })];
const machine = { instanceType: "m5.4xlarge", zone: "us-east-1a" };

/** The stages of one node's life. */
const stages = (): Readonly<Record<string, DemandPool>> => {
  const launched = aRecord("warmup", { ...machine, overflow: "serve", nodeName: undefined });
  const registered = aNodeObject("n0", {
    allocatable: LARGE,
    taints: [TAINT],
    labels: { "kubernetes.io/arch": "arm64", "node.kubernetes.io/instance-type": "m5.4xlarge", tier: "fast" },
  });
  return {
    offering: aDemandPool({ template, launchCapacity: { maxNodes: 9, offerings } }),
    "record without a node": aDemandPool({ template, started: [{ record: launched, pods: [] }] }),
    "standby without a node": aDemandPool({ template, standby: [aRecord("standby", { ...machine, nodeName: "n0" })] }),
    "standby node": withStandby(aDemandPool({ template }), [registered]),
    "starting node": withStarted(aDemandPool({ template }), [
      { record: aRecord("running", { ...machine, nodeName: "n0", startedAt: NOW }), node: registered, pods: [] },
    ]),
  };
};

const tolerations = [{ key: "team", operator: "Exists" }];

const servedBy = (pool: DemandPool, spec: Partial<PodSpec>, requests: ResourceList, count: number): number => {
  const view = aDemandView({ pods: pods(count, requests, { spec }), pools: [pool] });
  return planDemand(view).placed.length;
};

describe.each(Object.keys(stages()))("as %s", (stage) => {
  it.each<{ name: string; spec: Partial<PodSpec>; runs: boolean }>([
    { name: "tolerates the class's taint", spec: { tolerations }, runs: true },
    { name: "does not tolerate it", spec: {}, runs: false },
    { name: "selects a label of the class", spec: { tolerations, nodeSelector: { tier: "fast" } }, runs: true },
    { name: "selects another value of it", spec: { tolerations, nodeSelector: { tier: "slow" } }, runs: false },
    {
      name: "selects the architecture",
      spec: { tolerations, nodeSelector: { "kubernetes.io/arch": "arm64" } },
      runs: true,
    },
    {
      name: "selects another architecture",
      spec: { tolerations, nodeSelector: { "kubernetes.io/arch": "amd64" } },
      runs: false,
    },
    {
      name: "selects the EBS driver's zone",
      spec: { tolerations, nodeSelector: { "topology.ebs.csi.aws.com/zone": "us-east-1a" } },
      runs: true,
    },
    {
      name: "is pinned to a host that is gone",
      spec: { tolerations, nodeSelector: { "kubernetes.io/hostname": "ip-10-9-9-9" } },
      runs: false,
    },
  ])("a pod that $name", ({ spec, runs }) => {
    expect(servedBy(stages()[stage] ?? aDemandPool(), spec, { cpu: "1" }, 1)).toBe(runs ? 1 : 0);
  });

  it("has the size of its own type", () => {
    expect(servedBy(stages()[stage] ?? aDemandPool(), { tolerations }, { cpu: "1900m" }, 8)).toBe(8);
  });
});

describe("a host name that is not known yet", () => {
  const requirement = (operator: string, values?: readonly string[]) => ({
    key: "kubernetes.io/hostname",
    operator,
    ...(values && { values }),
  });
  const launches = (operator: string, values?: readonly string[]) => {
    const nodeSelectorTerms = [{ matchExpressions: [requirement(operator, values)] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } };
    const pool = aDemandPool({ launchCapacity: { maxNodes: 9, offerings: [anOffering()] } });
    return planDemand(aDemandView({ pods: [aPendingPod("p", {}, { spec: { affinity } })], pools: [pool] })).launches;
  };

  it.each([
    ["Exists", undefined, 1],
    ["NotIn", ["ip-10-9-9-9"], 1],
    ["In", ["ip-10-9-9-9"], 0],
    ["DoesNotExist", undefined, 0],
    ["Gt", ["1"], 0],
  ] as const)("meets %s %s: %i", (operator, values, count) => {
    expect(launches(operator, values)).toHaveLength(count);
  });
});

describe("an estimate", () => {
  const launching = (estimate: ResourceList) =>
    aDemandPool({
      template: aTemplate({ estimates: new Map([["m5.large", estimate]]) }),
      launchCapacity: { maxNodes: 9, offerings: [anOffering()] },
    });
  const ESTIMATE = { cpu: "2", memory: "8Gi", pods: "10" };

  it.each<{ requests: ResourceList; estimate: ResourceList; launched: number }>([
    { requests: { "ephemeral-storage": "10Gi" }, estimate: ESTIMATE, launched: 1 },
    { requests: { "ephemeral-storage": "10Gi" }, estimate: { ...ESTIMATE, "ephemeral-storage": "5Gi" }, launched: 0 },
    { requests: { "vpc.amazonaws.com/pod-eni": "1" }, estimate: ESTIMATE, launched: 1 },
    { requests: { "nvidia.com/gpu": "1" }, estimate: ESTIMATE, launched: 0 },
    { requests: { "aws.amazon.com/neuroncore": "1" }, estimate: ESTIMATE, launched: 0 },
  ])("$estimate has room for $requests: $launched", ({ requests, estimate, launched }) => {
    const plan = planDemand(aDemandView({ pods: [aPendingPod("p", requests)], pools: [launching(estimate)] }));
    expect(plan.launches).toHaveLength(launched);
  });

  it("gives way to what a node of the type reports", () => {
    const pool = launching(ESTIMATE);
    const nodes = new Map([["n0", aNodeObject("n0")]]);
    const view = aDemandView({
      pods: [aPendingPod("p", { "vpc.amazonaws.com/pod-eni": "1" })],
      pools: [{ ...pool, nodes }],
    });
    expect(planDemand(view).launches).toEqual([]);
  });
});

describe("devices", () => {
  const GPU = "nvidia.com/gpu";
  const withGpus = (estimated: string) =>
    aTemplate({ estimates: new Map([["m5.large", { cpu: "2", memory: "8Gi", pods: "10", [GPU]: estimated }]]) });
  const gpuNode = (name: string, gpus?: string) =>
    aNodeObject(name, {
      allocatable: { cpu: "2", memory: "8Gi", pods: "10", ...(gpus !== undefined && { [GPU]: gpus }) },
    });
  const gpuPods = pods(2, { [GPU]: "1" });

  it.each([undefined, "0"])("of standby that reported %s are those of its type", (reported) => {
    const pool = withStandby(aDemandPool({ template: withGpus("2") }), [
      gpuNode("n0", reported),
      gpuNode("n1", reported),
    ]);
    const plan = planDemand(aDemandView({ pods: gpuPods, pools: [pool] }));
    expect(plan.starts.flatMap(({ records }) => records)).toHaveLength(1);
  });

  it("of an offering are the most of what nodes of the type reported and the estimate", () => {
    const nodes = new Map([["n0", gpuNode("n0", "0")]]);
    const launchCapacity = { maxNodes: 9, offerings: [anOffering()] };
    const counts = ["1", "2"].map((estimated) => {
      const pool = aDemandPool({ template: withGpus(estimated), nodes, launchCapacity });
      return planDemand(aDemandView({ pods: gpuPods, pools: [pool] })).launches[0]?.pods.length;
    });
    expect(counts).toEqual([2, 1]);
  });
});
