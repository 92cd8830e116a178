/** Random pools with standby and running nodes. */
import type { NodePool } from "../../../shared/model/api/types.ts";
import type { KubeNode, ResourceList } from "../../../shared/model/kubernetes/objects.ts";
import { LABEL, TAINT } from "../../../shared/model/names.ts";
import type { Chance } from "./chance.ts";

export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";
export const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"] as const;
export const DEDICATED = { key: "dedicated", value: "batch", effect: "NoSchedule" } as const;

/** The namespaces of the pods, with their labels. */
export const NAMESPACES = { one: { tenant: "one" }, two: { tenant: "two" } } as const;

/** A priority class whose pods are scheduled first but preempt no others. */
export const URGENT = "urgent";

/** A runtime class whose pods have an overhead. */
export const SANDBOXED = "sandboxed";

interface InstanceType {
  readonly instanceType: string;
  readonly cores: string;
  readonly allocatable: ResourceList;
}

const INSTANCE_TYPES: readonly InstanceType[] = [
  {
    instanceType: "m5.large",
    cores: "2",
    allocatable: { cpu: "1930m", memory: "7000Mi", pods: "29", "ephemeral-storage": "20Gi" },
  },
  {
    instanceType: "m5.xlarge",
    cores: "4",
    allocatable: { cpu: "3920m", memory: "15000Mi", pods: "58", "ephemeral-storage": "20Gi" },
  },
  {
    instanceType: "t3.small",
    cores: "2",
    allocatable: { cpu: "2", memory: "1500Mi", pods: "4", "ephemeral-storage": "8Gi" },
  },
  {
    instanceType: "g4dn.xlarge",
    cores: "4",
    allocatable: { cpu: "3920m", memory: "15000Mi", pods: "29", "ephemeral-storage": "9Gi", "nvidia.com/gpu": "1" },
  },
];

const running = (
  name: string,
  zone: string,
  { instanceType, cores, allocatable }: InstanceType,
  pool?: NodePool,
): KubeNode => ({
  metadata: {
    name,
    labels: {
      [HOSTNAME]: name,
      [ZONE]: zone,
      "node.kubernetes.io/instance-type": instanceType,
      "example.com/cores": cores,
      ...pool?.spec.template.labels,
      ...(pool && { [LABEL.pool]: pool.metadata.name }),
    },
  },
  spec: { taints: pool?.spec.template.taints ?? [] },
  status: { allocatable },
});

/** Cilium's operator puts it on every node whose agent is down. */
const AGENT_DOWN = { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule" } as const;

const standby = (node: KubeNode, hasAgent: boolean): KubeNode => ({
  ...node,
  spec: {
    unschedulable: true,
    taints: [
      ...(node.spec?.taints ?? []),
      ...[TAINT.standby, TAINT.notReady, TAINT.shutdown],
      ...(hasAgent ? [AGENT_DOWN] : []),
    ],
  },
});

/** Without the fields that the API server defaults. */
const makePool = (chance: Chance, index: number): NodePool => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name: `pool-${index}` },
  spec: {
    poolSize: 10,
    minStandby: 0,
    ...(chance.happens(0.1) && { paused: true }),
    weight: chance.pick([0, 0, 10]),
    template: {
      nodeClassRef: { kind: "AWSNodeClass", name: "none" },
      labels: chance.happens(0.5) ? { team: chance.pick(["a", "b"]) } : {},
      taints: chance.happens(0.3) ? [DEDICATED] : [],
    },
  },
});

/** One to three pools, each with one instance type and mostly standby nodes, and up to two unmanaged nodes. */
export const makeWorld = (chance: Chance) => {
  const pools = Array.from({ length: chance.count(1, 3) }, (_, index) => makePool(chance, index));
  const hasAgent = chance.happens(0.3);
  const own = pools.flatMap((pool) => {
    const type = chance.pick(INSTANCE_TYPES);
    const make = (kind: string, count: number) =>
      Array.from({ length: count }, (_, index) =>
        running(`${pool.metadata.name}-${kind}-${index}`, chance.pick(ZONES), type, pool),
      );
    return [
      ...make("asleep", chance.count(1, 6)).map((node) => standby(node, hasAgent)),
      ...make("awake", chance.count(0, 1)),
    ];
  });
  const others = Array.from({ length: chance.count(0, 2) }, (_, index) =>
    running(`other-${index}`, chance.pick(ZONES), chance.pick(INSTANCE_TYPES)),
  );
  return { pools, nodes: [...own, ...others] };
};
