import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import type { AvailableOffering } from "../../../shared/model/offering.ts";
import { aNode, aRecord, NOW } from "../pool/builders.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffering,
  aPendingPod,
  aPool,
  aTemplate,
  nodesOf,
  pods,
  startedNode,
  withStandby,
  withStarted,
} from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";
const ALLOCATABLE = { cpu: "2", memory: "8Gi", pods: "10" };
const LARGE = { cpu: "8", memory: "32Gi", pods: "50" };

const started = (...nodes: readonly string[]) => nodes.map((name) => startedNode(aNodeObject(name)));

describe("with several pools", () => {
  it("the pool of greatest weight starts nodes, even if it needs more of them", () => {
    const pools = [aPool("a", 5, LARGE), aPool("b", 5, ALLOCATABLE, 10)];
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "2" }), pools }))).toEqual(["b0", "b1", "b2", "b3"]);
  });

  it("the pool that needs the fewest nodes starts them, if all weights are equal", () => {
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "2" }), pools: [aPool("a", 5), aPool("b", 5, LARGE)] }))).toEqual(
      ["b0"],
    );
  });

  it("the first pool by name starts nodes, if nothing else differs", () => {
    expect(Object.keys(nodesOf({ pods: pods(1, {}), pools: [aPool("b", 1), aPool("a", 1)] }))).toEqual(["a0"]);
  });

  it("one pool serves what it can, and another serves the rest", () => {
    expect(Object.keys(nodesOf({ pods: pods(3, { cpu: "2" }), pools: [aPool("b", 5), aPool("a", 1)] }))).toEqual([
      "a0",
      "b0",
      "b1",
    ]);
  });

  it("all pools start standby before any pool launches", () => {
    const launching = {
      ...aPool("a", 0, ALLOCATABLE, 100),
      launchCapacity: { maxNodes: 5, offerings: [anOffering()] },
    };
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "2" }), pools: [launching, aPool("b", 1)] }))).toEqual([
      "b0",
      "us-east-1a/m5.large 1",
    ]);
  });

  it("no pool starts a node while a node of another pool is starting and has room", () => {
    const pools = [withStarted(aPool("a", 0), started("up")), aPool("b", 5, ALLOCATABLE, 100)];
    expect(nodesOf({ pods: pods(2, { cpu: "1" }), pools })).toEqual({});
  });
});

describe("pods that come first", () => {
  const of = (name: string, cpu: string, priority: number, since = NOW) => {
    const pod = aPendingPod(name, { cpu }, { spec: { priority } });
    const conditions = [
      {
        type: "PodScheduled",
        status: "False",
        reason: "Unschedulable",
        lastTransitionTime: new Date(since).toISOString(),
      },
    ];
    return { ...pod, status: { phase: "Pending", conditions } };
  };

  it("have higher priority, if there are not enough nodes for all pods", () => {
    expect(nodesOf({ pods: [of("large", "2", 0), of("important", "1", 5)], pools: [aPool("a", 1)] })).toEqual({
      a0: ["important"],
    });
  });

  it("are the larger ones, if there are enough nodes, so that the fewest nodes start", () => {
    const all = [of("i1", "600m", 5), of("i2", "600m", 5), of("l1", "1400m", 0), of("l2", "1400m", 0)];
    expect(Object.keys(nodesOf({ pods: all, pools: [aPool("a", 4)] }))).toEqual(["a0", "a1"]);
  });

  it("have waited longest, among equivalent pods", () => {
    const all = [of("new", "2", 0), of("old", "2", 0, NOW - 60_000)];
    expect(nodesOf({ pods: all, pools: [aPool("a", 1)] })).toEqual({ a0: ["old"] });
    const { starts } = planDemand(aDemandView({ pods: all, pools: [aPool("a", 2)] }));
    expect(starts.map(({ demandSince }) => demandSince)).toEqual([NOW - 60_000]);
  });
});

describe("nodes to start", () => {
  const inZone = (zone: string): Partial<PodSpec> => ({ nodeSelector: { [ZONE]: zone } });

  it("are nodes that the pods can run on", () => {
    const pool = withStandby(aDemandPool(), [aNodeObject("a"), aNodeObject("b", { zone: "us-east-1b" })]);
    expect(nodesOf({ pods: pods(1, {}, { spec: inZone("us-east-1b") }), pools: [pool] })).toEqual({ b: ["p0"] });
  });

  it("come from the zone with the most standby nodes", () => {
    const zones = ["us-east-1a", "us-east-1b", "us-east-1b"];
    const pool = withStandby(
      aDemandPool(),
      zones.map((zone, index) => aNodeObject(`n${index}`, { zone })),
    );
    expect(Object.keys(nodesOf({ pods: pods(1, {}), pools: [pool] }))).toEqual(["n1"]);
  });

  it("are first those on their way back to standby, because they still run", () => {
    const stopping = { record: aRecord("stopping", { nodeName: "s" }), node: aNodeObject("s"), pods: [] };
    const pool = { ...aPool("a", 3), stopping: [stopping] };
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "2" }), pools: [pool] }))).toEqual(["s", "a0"]);
  });

  it("have no room where other pods are still being evicted", () => {
    const [leaving] = pods(1, { cpu: "1500m" });
    const stopping = { record: aRecord("stopping"), node: aNodeObject("s"), pods: leaving ? [leaving] : [] };
    const pool = { ...aPool("a", 1), stopping: [stopping] };
    const waiting = pods(1, { cpu: "1" }).map((pod) => ({ ...pod, metadata: { ...pod.metadata, name: "q" } }));
    expect(nodesOf({ pods: waiting, pools: [pool] })).toEqual({ a0: ["q"] });
  });

  it("have the labels of their zone and type if they have no Node object", () => {
    const record = aRecord("standby", { nodeName: "gone", zone: "us-east-1b", instanceType: "c7g.large" });
    const pool = aDemandPool({ standby: [record] });
    const spec = { nodeSelector: { [ZONE]: "us-east-1b", "node.kubernetes.io/instance-type": "c7g.large" } };
    expect(nodesOf({ pods: pods(1, {}, { spec }), pools: [pool] })).toEqual({ gone: ["p0"] });
    expect(nodesOf({ pods: pods(1, {}, { spec: inZone("us-east-1a") }), pools: [pool] })).toEqual({});
  });

  it("whose starts have failed come last", () => {
    const startFailures = { count: 1, at: 0, message: "EC2 undid the start" };
    const pool = withStandby(aDemandPool(), [aNodeObject("a"), aNodeObject("b")]);
    const standby = pool.standby.map((record) => (record.nodeName === "a" ? { ...record, startFailures } : record));
    expect(nodesOf({ pods: pods(1, {}), pools: [{ ...pool, standby }] })).toEqual({ b: ["p0"] });
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "1" }), pools: [{ ...pool, standby }] })).sort()).toEqual([
      "a",
      "b",
    ]);
  });

  it("count a taint that was added by hand, but not the taints of standby", () => {
    const taints = [{ key: "maintenance", effect: "NoSchedule" }];
    const pool = withStandby(aDemandPool(), [aNodeObject("a", { taints })]);
    expect(nodesOf({ pods: pods(1, {}), pools: [pool] })).toEqual({});
    expect(
      nodesOf({
        pods: pods(1, {}, { spec: { tolerations: [{ key: "maintenance", operator: "Exists" }] } }),
        pools: [pool],
      }),
    ).toEqual({
      a: ["p0"],
    });
  });

  it.each<[string, string, string | undefined, boolean]>([
    ["passes if others added it since the node left service", "example.com/draining", "", true],
    ["counts if the node had it before", "example.com/draining", "example.com/draining:NoSchedule", false],
    ["counts if nothing was noted", "example.com/draining", undefined, false],
    ["of an agent that is down passes, whatever was noted", "node.cilium.io/agent-not-ready", undefined, true],
    ["of a driver that is not ready passes, too", "ebs.csi.aws.com/agent-not-ready", "", true],
  ])("a taint %s", (_, key, kept, serves) => {
    const node = aNodeObject("a", { taints: [{ key, effect: "NoSchedule" }] });
    const annotations: Record<string, string> = kept === undefined ? {} : { "stratos.sh/kept-taints": kept };
    const noted = { ...node, metadata: { ...node.metadata, annotations } };
    expect(nodesOf({ pods: pods(1, {}), pools: [withStandby(aDemandPool(), [noted])] })).toEqual(
      serves ? { a: ["p0"] } : {},
    );
  });

  it("have the devices that other nodes of their type report, although a stopped or starting node reports none", () => {
    const allocatable = { ...ALLOCATABLE, "nvidia.com/gpu": "0" };
    const running = aNodeObject("other", { allocatable: { ...ALLOCATABLE, "nvidia.com/gpu": "2" } });
    const up = startedNode(aNodeObject("up", { allocatable }));
    const pool = withStarted(withStandby(aDemandPool(), [aNodeObject("a", { allocatable })]), [up]);
    const gpuPool = { ...pool, nodes: new Map([...pool.nodes, ["other", running] as const]) };
    const nodes = nodesOf({ pods: pods(4, { "nvidia.com/gpu": "1" }), pools: [gpuPool] });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2]);
  });
});

describe("nodes to launch", () => {
  const offerings = [
    anOffering({ zone: "us-east-1a" }),
    anOffering({ zone: "us-east-1b", instanceType: "m5.4xlarge" }),
  ];
  const estimates = new Map([...aTemplate().estimates, ["m5.4xlarge", LARGE]]);
  const template = aTemplate({ estimates });

  it("are at most as many as the pool has free slots", () => {
    const pool = aDemandPool({ launchCapacity: { maxNodes: 2, offerings: offerings.slice(0, 1) } });
    const plan = planDemand(aDemandView({ pods: pods(3, { cpu: "2" }), pools: [pool] }));
    expect(plan.launches.map(({ pods: own }) => own.length)).toEqual([2]);
    expect(plan.pending).toEqual([{ pool: "workers", podCount: 3, unservedCount: 1 }]);
  });

  it("are of the first type that can run the pods, even if a later type would need fewer nodes", () => {
    const pool = aDemandPool({ template, launchCapacity: { maxNodes: 5, offerings } });
    const launched = (cpu: string) => Object.keys(nodesOf({ pods: pods(2, { cpu }), pools: [pool] }));
    expect(launched("2")).toEqual(["us-east-1a/m5.large 1", "us-east-1a/m5.large 2"]);
    expect(launched("3")).toEqual(["us-east-1b/m5.4xlarge 1"]);
  });

  it("are spread over the zones of their type", () => {
    const zones = ["us-east-1a", "us-east-1b"].map((zone) => anOffering({ zone }));
    const pool = aDemandPool({
      template,
      launchCapacity: { maxNodes: 5, offerings: [...zones, ...offerings.slice(1)] },
    });
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "2" }), pools: [pool] }))).toEqual([
      "us-east-1a/m5.large 1",
      "us-east-1b/m5.large 1",
    ]);
  });

  it("are no more in a zone than it has addresses, and in a zone without any only if no other type can run the pods", () => {
    const zones = ["us-east-1a", "us-east-1b"].map((zone, index) => anOffering({ zone, freeAddresses: index }));
    const offering = anOffering({ zone: "us-east-1c", instanceType: "m5.4xlarge" });
    const pool = (all: readonly AvailableOffering[]) =>
      aDemandPool({ template, launchCapacity: { maxNodes: 5, offerings: all } });
    const launched = (count: number, all: readonly AvailableOffering[]) =>
      Object.keys(nodesOf({ pods: pods(count, { cpu: "2" }), pools: [pool(all)] }));
    expect(launched(2, zones)).toEqual(["us-east-1b/m5.large 1", "us-east-1a/m5.large 1"]);
    expect(launched(2, [...zones, offering])).toEqual(["us-east-1b/m5.large 1", "us-east-1c/m5.4xlarge 1"]);
  });

  it.each([
    { label: "kubernetes.io/arch", value: "arm64" },
    { label: "kubernetes.io/os", value: "linux" },
    { label: "node.kubernetes.io/instance-type", value: "c7g.large" },
    { label: "topology.kubernetes.io/zone", value: "us-west-2-lax-1a" },
    { label: "topology.kubernetes.io/region", value: "us-west-2" },
    { label: "team", value: "ci" },
    { label: "stratos.sh/pool", value: "workers" },
  ])("have the label $label=$value before the node exists", ({ label, value }) => {
    const offering = anOffering({ instanceType: "c7g.large", zone: "us-west-2-lax-1a" });
    const arm = aTemplate({ architecture: "arm64", labels: { team: "ci" } });
    const pool = aDemandPool({ template: arm, launchCapacity: { maxNodes: 1, offerings: [offering] } });
    const count = (selected: string) =>
      Object.keys(nodesOf({ pods: pods(1, {}, { spec: { nodeSelector: { [label]: selected } } }), pools: [pool] }))
        .length;
    expect([count(value), count("else")]).toEqual([1, 0]);
  });

  it("take one pod each if the size of their type is unknown", () => {
    const pool = aDemandPool({
      template: aTemplate({ estimates: new Map() }),
      launchCapacity: { maxNodes: 5, offerings: [anOffering()] },
    });
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "100m" }), pools: [pool] }))).toHaveLength(2);
  });
});

it("lists pods that only have to wait, with the node that has room for them", () => {
  const pool = withStarted(aPool("a", 1), started("up"));
  const { waiting } = planDemand(aDemandView({ pods: pods(1, { cpu: "1" }), pools: [pool] }));
  expect(waiting.map(({ pod, record }) => [pod.metadata.name, record.nodeName])).toEqual([["p0", "up"]]);
});

it("waits for a starting node whose taint others put there while it was stopped", () => {
  const node = aNodeObject("up", { taints: [{ key: "example.com/agent", effect: "NoSchedule" }] });
  const noted = { ...node, metadata: { ...node.metadata, annotations: { "stratos.sh/kept-taints": "" } } };
  expect(nodesOf({ pods: pods(1, {}), pools: [withStarted(aPool("a", 1), [startedNode(noted)])] })).toEqual({});
});

it("does not wait for a started node whose taints exclude the pods", () => {
  const node = aNode("up", { taints: [{ key: "maintenance", effect: "NoSchedule" }] });
  const pool = withStarted(aPool("a", 1), [startedNode(node)]);
  expect(nodesOf({ pods: pods(1, {}), pools: [pool] })).toEqual({ a0: ["p0"] });
});
