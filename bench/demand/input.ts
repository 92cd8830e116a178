/** What the demand planner decides from, as JSON that planners of different commits can read. */
import type { InstanceRecord } from "../../shared/model/instance-record.ts";
import type { KubeNode, KubePod, PodSpec, ResourceList } from "../../shared/model/kubernetes/objects.ts";
import type { Offering } from "../../shared/model/offering.ts";

export interface StartedInput {
  readonly record: InstanceRecord;
  readonly pods: readonly KubePod[];
}

export interface PoolInput {
  readonly name: string;
  readonly nodes: readonly KubeNode[];
  readonly started: readonly StartedInput[];
  readonly standby: readonly InstanceRecord[];
  readonly offerings: readonly Offering[];
  readonly maxLaunches: number;
  /** By instance type. */
  readonly allocatable: Readonly<Record<string, ResourceList>>;
}

export interface DemandInput {
  readonly now: number;
  readonly pods: readonly KubePod[];
  readonly pools: readonly PoolInput[];
}

export const NOW = Date.parse("2026-03-01T12:00:00Z");
export const ZONE = "topology.kubernetes.io/zone";
export const HOSTNAME = "kubernetes.io/hostname";
export const ZONES: readonly string[] = ["us-east-1a", "us-east-1b", "us-east-1c"];
const INSTANCE_TYPE = "m5.xlarge";
const ALLOCATABLE = { cpu: "3920m", memory: "14500Mi", pods: "58", "ephemeral-storage": "18242267924" };
const MAX_NODES = 1000;

const zoneOf = (index: number): string => ZONES[index % ZONES.length] ?? "";

export const aPendingPod = (
  name: string,
  labels: Readonly<Record<string, string>>,
  requests: ResourceList,
  rules: Partial<PodSpec>,
): KubePod => ({
  metadata: { name, namespace: "default", labels },
  spec: { containers: [{ name: "main", resources: { requests } }], ...rules },
  status: {
    phase: "Pending",
    conditions: [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", lastTransitionTime: "2026-03-01T11:59:50Z" },
    ],
  },
});

const aNode = (name: string, pool: string, zone: string): KubeNode => ({
  metadata: {
    name,
    labels: {
      [HOSTNAME]: name,
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/os": "linux",
      "node.kubernetes.io/instance-type": INSTANCE_TYPE,
      [ZONE]: zone,
      "stratos.sh/pool": pool,
    },
  },
  spec: { taints: [] },
  status: { allocatable: ALLOCATABLE },
});

const aRecord = (slot: number, nodeName: string, zone: string): InstanceRecord => ({
  slot,
  version: 1,
  state: "standby",
  stateSince: NOW - 60_000,
  reason: "WarmupCompleted",
  token: "bench",
  instanceType: INSTANCE_TYPE,
  zone,
  instanceId: `i-${nodeName}`,
  nodeName,
});

export const starting = (record: InstanceRecord): InstanceRecord => ({
  ...record,
  state: "running",
  startedAt: NOW - 10_000,
});

const boundTo = (nodeName: string, pod: KubePod, index: number): KubePod => ({
  ...pod,
  metadata: { ...pod.metadata, name: `${nodeName}-${index}` },
  spec: { ...pod.spec, nodeName },
});

/** A tenth of the nodes is starting, with three of the pods each. */
const aPool = (name: string, nodeCount: number, pods: readonly KubePod[]): PoolInput => {
  const nodes = Array.from({ length: nodeCount }, (_, index) => aNode(`${name}-${index}`, name, zoneOf(index)));
  const records = nodes.map(({ metadata }, index) => aRecord(index + 1, metadata.name, zoneOf(index)));
  const startedCount = Math.floor(nodeCount / 10);
  return {
    name,
    nodes,
    started: records.slice(0, startedCount).map((record, index) => {
      const own = pods.slice(3 * index, 3 * index + 3);
      return { record: starting(record), pods: own.map((pod, each) => boundTo(record.nodeName ?? "", pod, each)) };
    }),
    standby: records.slice(startedCount),
    offerings: ZONES.map((zone) => ({ zone, instanceType: INSTANCE_TYPE })),
    maxLaunches: MAX_NODES - nodeCount,
    allocatable: { [INSTANCE_TYPE]: ALLOCATABLE },
  };
};

export const anInput = (pods: readonly KubePod[], nodes: number, pools: number): DemandInput => ({
  now: NOW,
  pods,
  pools: Array.from({ length: pools }, (_, index) => aPool(`pool-${index}`, Math.floor(nodes / pools), pods)),
});
