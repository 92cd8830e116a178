/** Builders for demand tests: views, pending pods, and pools of standby nodes with two cores each. */

import { planDemand } from "../../../shared/demand/plan-demand.ts";
import {
  type ClusterContext,
  type DemandPool,
  type DemandView,
  EMPTY_CONTEXT,
  type StartedNode,
} from "../../../shared/demand/view.ts";
import type {
  DaemonSet,
  KubeNode,
  KubePod,
  PodSpec,
  ResourceList,
  Taint,
} from "../../../shared/model/kubernetes/objects.ts";
import { TAINT } from "../../../shared/model/names.ts";
import type { AvailableOffering, ClassTemplate } from "../../../shared/model/offering.ts";
import { aRecord, aSpec, NOW } from "../pool/builders.ts";

export const UNSCHEDULABLE = {
  type: "PodScheduled",
  status: "False",
  reason: "Unschedulable",
  lastTransitionTime: new Date(NOW - 2000).toISOString(),
};

interface PodOverrides {
  readonly labels?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly spec?: Partial<PodSpec>;
}

export const aPendingPod = (name: string, requests: ResourceList = {}, overrides: PodOverrides = {}): KubePod => ({
  metadata: { name, namespace: overrides.namespace ?? "default", labels: overrides.labels ?? {} },
  spec: { containers: [{ name: "main", resources: { requests } }], ...overrides.spec },
  status: { phase: "Pending", conditions: [UNSCHEDULABLE] },
});

export const pods = (count: number, requests: ResourceList, overrides: PodOverrides = {}): readonly KubePod[] =>
  Array.from({ length: count }, (_, index) => aPendingPod(`p${index}`, requests, overrides));

export const bind = (pod: KubePod, nodeName: string): KubePod => ({
  ...pod,
  spec: { ...pod.spec, nodeName },
  status: { phase: "Running" },
});

const ALLOCATABLE = { cpu: "2", memory: "8Gi", pods: "10" };

interface NodeOverrides {
  readonly zone?: string;
  readonly allocatable?: ResourceList;
  readonly labels?: Readonly<Record<string, string>>;
  readonly pool?: string;
  readonly taints?: readonly Taint[];
}

/** A node with the labels that kubelet and the cloud controller manager set. */
export const aNodeObject = (name: string, overrides: NodeOverrides = {}): KubeNode => ({
  metadata: {
    name,
    labels: {
      "kubernetes.io/hostname": name,
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/os": "linux",
      "node.kubernetes.io/instance-type": "m5.large",
      "topology.kubernetes.io/zone": overrides.zone ?? "us-east-1a",
      "stratos.sh/pool": overrides.pool ?? "workers",
      ...overrides.labels,
    },
  },
  spec: { taints: overrides.taints ?? [] },
  status: { allocatable: overrides.allocatable ?? ALLOCATABLE },
});

const stoppedNode = (node: KubeNode): KubeNode => ({
  ...node,
  spec: { ...node.spec, unschedulable: true, taints: [...(node.spec?.taints ?? []), TAINT.standby, TAINT.notReady] },
});

export const aTemplate = (overrides: Partial<ClassTemplate> = {}): ClassTemplate => ({
  architecture: "amd64",
  labels: {},
  taints: [],
  estimates: new Map([["m5.large", ALLOCATABLE]]),
  ...overrides,
});

export const aDemandPool = (overrides: Partial<DemandPool> = {}): DemandPool => ({
  name: "workers",
  uid: "uid-workers",
  spec: aSpec(),
  template: aTemplate(),
  standby: [],
  resizable: [],
  started: [],
  occupied: [],
  onHold: [],
  opened: [],
  startsInVain: [],
  inactive: undefined,
  stopping: [],
  isFull: false,
  launchCapacity: { maxNodes: 0, offerings: [] },
  staticPods: new Map(),
  nodes: new Map(),
  ...overrides,
});

/** Adds stopped nodes to the pool. */
export const withStandby = (pool: DemandPool, nodes: readonly KubeNode[]): DemandPool => ({
  ...pool,
  standby: [
    ...pool.standby,
    ...nodes.map(({ metadata }) => aRecord("standby", { nodeName: metadata.name, zone: zoneOf(metadata.labels) })),
  ],
  nodes: new Map([...pool.nodes, ...nodes.map((node): [string, KubeNode] => [node.metadata.name, stoppedNode(node)])]),
});

/** A pool with `standby` stopped nodes: `a0`, `a1` and so on in pool `a`. */
export const aPool = (name: string, standby: number, allocatable = ALLOCATABLE, weight = 0): DemandPool =>
  withStandby(
    aDemandPool({ name, spec: aSpec({ weight }) }),
    Array.from({ length: standby }, (_, index) => aNodeObject(`${name}${index}`, { allocatable, pool: name })),
  );

const zoneOf = (labels: Readonly<Record<string, string>> = {}) => labels["topology.kubernetes.io/zone"] ?? "us-east-1a";

export const startedNode = (node: KubeNode, boundPods: readonly KubePod[] = []): StartedNode => ({
  record: aRecord("running", { nodeName: node.metadata.name, startedAt: NOW - 10_000 }),
  node,
  pods: boundPods.map((pod) => bind(pod, node.metadata.name)),
});

/** Adds started nodes to the pool. */
export const withStarted = (pool: DemandPool, started: readonly StartedNode[]): DemandPool => ({
  ...pool,
  started: [...pool.started, ...started],
  nodes: new Map([
    ...pool.nodes,
    ...started.flatMap(({ node }): [string, KubeNode][] => (node ? [[node.metadata.name, node]] : [])),
  ]),
});

export const anOffering = (overrides: Partial<AvailableOffering> = {}): AvailableOffering => ({
  instanceType: "m5.large",
  zone: "us-east-1a",
  ...overrides,
});

export const aDaemonSet = (name: string, spec: PodSpec): DaemonSet => ({
  metadata: { name, namespace: "kube-system" },
  spec: { template: { spec } },
});

interface ViewOverrides extends Partial<Omit<DemandView, "context">> {
  readonly context?: Partial<ClusterContext>;
}

export const aDemandView = (overrides: ViewOverrides): DemandView => ({
  now: NOW,
  pods: [],
  pools: [],
  ...overrides,
  context: { ...EMPTY_CONTEXT, ...overrides.context },
});

/** The names of the pods for each node that the plan starts (by node name) or launches (by `zone/type` and number). */
export const nodesOf = (overrides: ViewOverrides): Readonly<Record<string, readonly string[]>> => {
  const plan = planDemand(aDemandView(overrides));
  const names = (all: readonly KubePod[] | undefined) => (all ?? []).map(({ metadata }) => metadata.name);
  const started = plan.starts.flatMap(({ records, pods: own }) =>
    records.map(({ nodeName }, index) => [nodeName ?? "", names(own[index])] as const),
  );
  const launched = plan.launches.flatMap(({ offering, pods: own }) =>
    own.map((each, index) => [`${offering.zone}/${offering.instanceType} ${index + 1}`, names(each)] as const),
  );
  return Object.fromEntries([...started, ...launched]);
};
