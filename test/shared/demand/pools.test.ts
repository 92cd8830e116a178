import { describe, expect, it } from "vitest";
import { planDemand } from "../../../shared/demand/plan-demand.ts";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { aNode, aRecord, NOW } from "../pool/builders.ts";
import {
  aDemandPool,
  aDemandView,
  aNodeObject,
  anOffer,
  aPendingPod,
  aPool,
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

describe("of several pools", () => {
  it("the one of greatest weight starts nodes, even if it needs more of them", () => {
    const pools = [aPool("a", 5, LARGE), aPool("b", 5, ALLOCATABLE, 10)];
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "2" }), pools }))).toEqual(["b0", "b1", "b2", "b3"]);
  });

  it("the one that needs fewest nodes does, if they weigh the same", () => {
    expect(Object.keys(nodesOf({ pods: pods(4, { cpu: "2" }), pools: [aPool("a", 5), aPool("b", 5, LARGE)] }))).toEqual(
      ["b0"],
    );
  });

  it("the first by name does, if nothing else tells them apart", () => {
    expect(Object.keys(nodesOf({ pods: pods(1, {}), pools: [aPool("b", 1), aPool("a", 1)] }))).toEqual(["a0"]);
  });

  it("one serves what it can, and another the rest", () => {
    expect(Object.keys(nodesOf({ pods: pods(3, { cpu: "2" }), pools: [aPool("b", 5), aPool("a", 1)] }))).toEqual([
      "a0",
      "b0",
      "b1",
    ]);
  });

  it("all start what they have before any launches", () => {
    const launching = { ...aPool("a", 0, ALLOCATABLE, 100), launchCapacity: { maxNodes: 5, offerings: [anOffer()] } };
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "2" }), pools: [launching, aPool("b", 1)] }))).toEqual([
      "b0",
      "us-east-1a/m5.large 1",
    ]);
  });

  it("none starts a node while another one's is coming up", () => {
    const pools = [withStarted(aPool("a", 0), started("up")), aPool("b", 5, ALLOCATABLE, 100)];
    expect(nodesOf({ pods: pods(2, { cpu: "1" }), pools })).toEqual({});
  });
});

describe("which pods come first", () => {
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

  it("those of higher priority, where there is not enough for all", () => {
    expect(nodesOf({ pods: [of("large", "2", 0), of("important", "1", 5)], pools: [aPool("a", 1)] })).toEqual({
      a0: ["important"],
    });
  });

  it("but the larger ones, where there is, so that fewest nodes start", () => {
    const all = [of("i1", "600m", 5), of("i2", "600m", 5), of("l1", "1400m", 0), of("l2", "1400m", 0)];
    expect(Object.keys(nodesOf({ pods: all, pools: [aPool("a", 4)] }))).toEqual(["a0", "a1"]);
  });

  it("those that have waited longest, if they are alike", () => {
    const all = [of("new", "2", 0), of("old", "2", 0, NOW - 60_000)];
    expect(nodesOf({ pods: all, pools: [aPool("a", 1)] })).toEqual({ a0: ["old"] });
    const { starts } = planDemand(aDemandView({ pods: all, pools: [aPool("a", 2)] }));
    expect(starts.map(({ demandSince }) => demandSince)).toEqual([NOW - 60_000]);
  });
});

describe("nodes that can be had", () => {
  const inZone = (zone: string): Partial<PodSpec> => ({ nodeSelector: { [ZONE]: zone } });

  it("are those on which the pods can run", () => {
    const pool = withStandby(aDemandPool(), [aNodeObject("a"), aNodeObject("b", { zone: "us-east-1b" })]);
    expect(nodesOf({ pods: pods(1, {}, { spec: inZone("us-east-1b") }), pools: [pool] })).toEqual({ b: ["p0"] });
  });

  it("are taken from the zone with most of them", () => {
    const zones = ["us-east-1a", "us-east-1b", "us-east-1b"];
    const pool = withStandby(
      aDemandPool(),
      zones.map((zone, index) => aNodeObject(`n${index}`, { zone })),
    );
    expect(Object.keys(nodesOf({ pods: pods(1, {}), pools: [pool] }))).toEqual(["n1"]);
  });

  it("are those on their way back to standby first, as these run already", () => {
    const stopping = { record: aRecord("stopping", { nodeName: "s" }), node: aNodeObject("s"), pods: [] };
    const pool = { ...aPool("a", 3), stopping: [stopping] };
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "2" }), pools: [pool] }))).toEqual(["s", "a0"]);
  });

  it("have no room for pods where others are still being evicted", () => {
    const [leaving] = pods(1, { cpu: "1500m" });
    const stopping = { record: aRecord("stopping"), node: aNodeObject("s"), pods: leaving ? [leaving] : [] };
    const pool = { ...aPool("a", 1), stopping: [stopping] };
    const waiting = pods(1, { cpu: "1" }).map((pod) => ({ ...pod, metadata: { ...pod.metadata, name: "q" } }));
    expect(nodesOf({ pods: waiting, pools: [pool] })).toEqual({ a0: ["q"] });
  });

  it("are known by zone and type where they have no node object", () => {
    const record = aRecord("standby", { nodeName: "gone", zone: "us-east-1b", instanceType: "c7g.large" });
    const pool = aDemandPool({ standby: [record] });
    const spec = { nodeSelector: { [ZONE]: "us-east-1b", "node.kubernetes.io/instance-type": "c7g.large" } };
    expect(nodesOf({ pods: pods(1, {}, { spec }), pools: [pool] })).toEqual({ gone: ["p0"] });
    expect(nodesOf({ pods: pods(1, {}, { spec: inZone("us-east-1a") }), pools: [pool] })).toEqual({});
  });

  it("do not go by a taint that is on them only while they are asleep, but by one put there by hand", () => {
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

  it("have the devices that they had, though nothing counts these while the node is down or comes up", () => {
    const allocatable = { ...ALLOCATABLE, "nvidia.com/gpu": "0" };
    const running = aNodeObject("other", { allocatable: { ...ALLOCATABLE, "nvidia.com/gpu": "2" } });
    const up = startedNode(aNodeObject("up", { allocatable }));
    const pool = withStarted(withStandby(aDemandPool(), [aNodeObject("a", { allocatable })]), [up]);
    const gpuPool = { ...pool, nodes: new Map([...pool.nodes, ["other", running] as const]) };
    const nodes = nodesOf({ pods: pods(4, { "nvidia.com/gpu": "1" }), pools: [gpuPool] });
    expect(Object.values(nodes).map((own) => own.length)).toEqual([2]);
  });
});

describe("nodes that can be launched", () => {
  const offerings = [
    anOffer({ zone: "us-east-1a" }),
    anOffer({ zone: "us-east-1b", instanceType: "m5.4xlarge", allocatable: LARGE }),
  ];

  it("are as many as the pool has room for", () => {
    const pool = aDemandPool({ launchCapacity: { maxNodes: 2, offerings: offerings.slice(0, 1) } });
    const plan = planDemand(aDemandView({ pods: pods(3, { cpu: "2" }), pools: [pool] }));
    expect(plan.launches.map(({ pods: own }) => own.length)).toEqual([2]);
    expect(plan.short).toEqual([{ pool: "workers", podCount: 3 }]);
  });

  it("are of the first type that can run the pods, though a later one would hold more of them", () => {
    const pool = aDemandPool({ launchCapacity: { maxNodes: 5, offerings } });
    const launched = (cpu: string) => Object.keys(nodesOf({ pods: pods(2, { cpu }), pools: [pool] }));
    expect(launched("2")).toEqual(["us-east-1a/m5.large 1", "us-east-1a/m5.large 2"]);
    expect(launched("3")).toEqual(["us-east-1b/m5.4xlarge 1"]);
  });

  it("are spread over the zones of their type", () => {
    const zones = ["us-east-1a", "us-east-1b"].map((zone) => anOffer({ zone }));
    const pool = aDemandPool({ launchCapacity: { maxNodes: 5, offerings: [...zones, ...offerings.slice(1)] } });
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "2" }), pools: [pool] }))).toEqual([
      "us-east-1a/m5.large 1",
      "us-east-1b/m5.large 1",
    ]);
  });

  it.each([
    { label: "kubernetes.io/arch", value: "arm64" },
    { label: "kubernetes.io/os", value: "linux" },
    { label: "node.kubernetes.io/instance-type", value: "c7g.large" },
    { label: "topology.kubernetes.io/zone", value: "us-west-2-lax-1a" },
    { label: "topology.kubernetes.io/region", value: "us-west-2" },
    { label: "team", value: "ci" },
    { label: "stratos.sh/pool", value: "workers" },
  ])("have the label $label=$value before there is a node", ({ label, value }) => {
    const offer = anOffer({
      instanceType: "c7g.large",
      zone: "us-west-2-lax-1a",
      architecture: "arm64",
      labels: { team: "ci" },
    });
    const pool = aDemandPool({ launchCapacity: { maxNodes: 1, offerings: [offer] } });
    const count = (wanted: string) =>
      Object.keys(nodesOf({ pods: pods(1, {}, { spec: { nodeSelector: { [label]: wanted } } }), pools: [pool] }))
        .length;
    expect([count(value), count("else")]).toEqual([1, 0]);
  });

  it("take one pod each, while nothing is known of their type", () => {
    const pool = aDemandPool({ launchCapacity: { maxNodes: 5, offerings: [anOffer({ allocatable: undefined })] } });
    expect(Object.keys(nodesOf({ pods: pods(2, { cpu: "100m" }), pools: [pool] }))).toHaveLength(2);
  });
});

it("says which pods need nothing but time, and for which node", () => {
  const pool = withStarted(aPool("a", 1), started("up"));
  const { waiting } = planDemand(aDemandView({ pods: pods(1, { cpu: "1" }), pools: [pool] }));
  expect(waiting.map(({ pod, record }) => [pod.metadata.name, record.nodeName])).toEqual([["p0", "up"]]);
});

it("does not wait for a started node that its taints keep the pods from", () => {
  const node = aNode("up", { taints: [{ key: "maintenance", effect: "NoSchedule" }] });
  const pool = withStarted(aPool("a", 1), [startedNode(node)]);
  expect(nodesOf({ pods: pods(1, {}), pools: [pool] })).toEqual({ a0: ["p0"] });
});
