/** How long the decision itself takes: `planDemand`, for different numbers of pods, nodes and pools. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { planDemand } from "../shared/demand/plan-demand.ts";
import { type DemandPool, type DemandView, EMPTY_CONTEXT, type StartedNode } from "../shared/demand/view.ts";
import { poolSpecOf } from "../shared/model/api/pool-spec.ts";
import type { InstanceRecord } from "../shared/model/instance-record.ts";
import type { KubeNode, KubePod, PodSpec } from "../shared/model/kubernetes/objects.ts";
import { percentiles } from "./percentiles.ts";

const PODS = [1, 100, 1000, 10_000];
const NODES = [0, 100, 1000];
const POOLS = [1, 20];
const RUNS = 5;
const NOW = Date.parse("2026-03-01T12:00:00Z");
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const ALLOCATABLE = { cpu: "3920m", memory: "14500Mi", pods: "58", "ephemeral-storage": "18242267924" };
/** The number of Deployments, Jobs and so on that own the pods. */
const WORKLOADS = 50;
const MAX_LAUNCHES = 1000;

const MEASURED =
  "planDemand alone, without reading and without executing: processor time, median and worst of five runs after two warmup runs. The pods belong " +
  "to 50 workloads with different requests, and all fit in all pools. One tenth of the nodes is starting, with three pods each; the others are " +
  "standby. Nodes are in three zones, and each pool can launch up to 1000 more. plain: pods with requests only. mixed: of ten workloads, two " +
  "spread over zones, one has anti-affinity by host name, one selects a zone. distinct: like plain, but no two pods have equal requests. " +
  "allocatedMiB: what one run allocates before any garbage collection.";

type Kind = "plain" | "mixed" | "distinct";

const rulesOf = (kind: Kind, workload: number): Partial<PodSpec> => {
  if (kind !== "mixed") return {};
  const labelSelector = { matchLabels: { app: `app-${workload}` } };
  const spread = {
    labelSelector,
    topologyKey: "topology.kubernetes.io/zone",
    maxSkew: 1,
    whenUnsatisfiable: "DoNotSchedule",
  };
  const antiAffinity = { labelSelector, topologyKey: "kubernetes.io/hostname" };
  switch (workload % 10) {
    case 0:
    case 1:
      return { topologySpreadConstraints: [spread] };
    case 2:
      return { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [antiAffinity] } } };
    case 3:
      return { nodeSelector: { "topology.kubernetes.io/zone": ZONES[workload % ZONES.length] ?? "" } };
    default:
      return {};
  }
};

const aPod = (kind: Kind, index: number): KubePod => {
  const workload = index % WORKLOADS;
  const milli = 100 + workload * 20 + (kind === "distinct" ? Math.floor(index / WORKLOADS) : 0);
  const requests = { cpu: `${milli}m`, memory: `${200 + ((workload * 37) % 800)}Mi` };
  return {
    metadata: {
      name: `pod-${index}`,
      namespace: "default",
      labels: { app: `app-${workload}`, "pod-template-hash": `hash-${workload}` },
    },
    spec: { containers: [{ name: "main", resources: { requests } }], ...rulesOf(kind, workload) },
    status: {
      phase: "Pending",
      conditions: [
        { type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime: "2026-03-01T11:59:50Z" },
      ],
    },
  };
};

const aNode = (name: string, pool: string, zone: string): KubeNode => ({
  metadata: {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/os": "linux",
      "node.kubernetes.io/instance-type": "m5.xlarge",
      "topology.kubernetes.io/zone": zone,
      "stratos.sh/pool": pool,
    },
  },
  spec: { taints: [] },
  status: { allocatable: ALLOCATABLE },
});

const aRecord = (slot: number, state: InstanceRecord["state"], nodeName: string, zone: string): InstanceRecord => ({
  slot,
  version: 1,
  state,
  stateSince: NOW - 60_000,
  reason: "WarmupCompleted",
  token: "bench",
  instanceType: "m5.xlarge",
  zone,
  instanceId: `i-${nodeName}`,
  nodeName,
  ...(state === "running" && { startedAt: NOW - 10_000 }),
});

const boundPod = (kind: Kind, node: string, index: number): KubePod => {
  const pod = aPod(kind, index);
  return { ...pod, metadata: { ...pod.metadata, name: `${node}-${index}` }, spec: { ...pod.spec, nodeName: node } };
};

const aPool = (name: string, nodes: number, kind: Kind): DemandPool => {
  const at = (index: number) => ({ name: `${name}-${index}`, zone: ZONES[index % ZONES.length] ?? "" });
  const all = Array.from({ length: nodes }, (_, index) => at(index));
  const startedCount = Math.floor(nodes / 10);
  const nodeObjects = new Map(all.map(({ name: node, zone }) => [node, aNode(node, name, zone)]));
  const started = all.slice(0, startedCount).map(
    ({ name: node, zone }, index): StartedNode => ({
      record: aRecord(index + 1, "running", node, zone),
      node: nodeObjects.get(node),
      pods: [0, 1, 2].map((each) => boundPod(kind, node, 3 * index + each)),
    }),
  );
  const offerings = ZONES.map((zone) => ({
    zone,
    instanceType: "m5.xlarge",
  }));
  return {
    name,
    uid: name,
    spec: poolSpecOf({
      apiVersion: "stratos.sh/v1alpha1",
      kind: "NodePool",
      metadata: { name },
      spec: { poolSize: 1000, minStandby: 0, template: { nodeClassRef: { kind: "AWSNodeClass", name } } },
    }),
    template: { architecture: "amd64", labels: {}, taints: [], estimates: new Map([["m5.xlarge", ALLOCATABLE]]) },
    started,
    standby: all
      .slice(startedCount)
      .map(({ name: node, zone }, index) => aRecord(index + startedCount + 1, "standby", node, zone)),
    occupied: [],
    onHold: [],
    opened: [],
    startsInVain: [],
    staticPods: new Map(),
    inactive: undefined,
    stopping: [],
    isFull: false,
    launchCapacity: { maxNodes: MAX_LAUNCHES - nodes, offerings },
    nodes: nodeObjects,
  };
};

const aView = (kind: Kind, pods: number, nodes: number, pools: number): DemandView => ({
  now: NOW,
  pods: Array.from({ length: pods }, (_, index) => aPod(kind, index)),
  pools: Array.from({ length: pools }, (_, index) => aPool(`pool-${index}`, Math.floor(nodes / pools), kind)),
  context: EMPTY_CONTEXT,
});

const exposeGarbageCollector = (): (() => void) => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
};

const measure = (view: DemandView, collectGarbage: () => void) => {
  planDemand(view);
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  planDemand(view);
  const allocated = process.memoryUsage().heapUsed - before;
  const times = Array.from({ length: RUNS }, () => {
    collectGarbage();
    const since = process.cpuUsage();
    planDemand(view);
    const { user, system } = process.cpuUsage(since);
    return (user + system) / 1000;
  });
  const { p50: medianMs, p99: worstMs } = percentiles(times);
  return { medianMs, worstMs, allocatedMiB: Math.round(allocated / 2 ** 20) };
};

const combinations: readonly (readonly [Kind, number, number, number])[] = [
  ...POOLS.flatMap((pools) => NODES.flatMap((nodes) => PODS.map((pods) => ["plain", pods, nodes, pools] as const))),
  ...(["mixed", "distinct"] as const).flatMap((kind) => [1000, 10_000].map((pods) => [kind, pods, 1000, 20] as const)),
];

export const benchDemand = (progress: (line: string) => void) => {
  const collectGarbage = exposeGarbageCollector();
  const figures = combinations.map(([kind, pods, nodes, pools]) => {
    progress(`demand: ${kind}, ${pods} pods, ${nodes} nodes, ${pools} pools`);
    const figure = measure(aView(kind, pods, nodes, pools), collectGarbage);
    return { kind, pods, nodes, pools, ...figure, podsPerSecond: Math.round((pods / figure.medianMs) * 1000) };
  });
  return { measured: MEASURED, figures };
};
