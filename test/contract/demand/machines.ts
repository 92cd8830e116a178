/** The machines of pools, and the nodes that they become. */
import { nodeResources } from "../../../local/kubernetes/kubelet/capacity.ts";
import { nodeSettingsOf } from "../../../shared/bootstrap/node-settings.ts";
import { poolSpecOf, readinessTaints } from "../../../shared/model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool } from "../../../shared/model/api/types.ts";
import type { InstanceTypeFacts } from "../../../shared/model/ec2.ts";
import type { KubeNode, ResourceList, Taint } from "../../../shared/model/kubernetes/objects.ts";
import { sameTaint } from "../../../shared/model/kubernetes/taints.ts";
import { LABEL } from "../../../shared/model/names.ts";
import { anAddress } from "../../shared/bootstrap/builders.ts";
import { anInstanceType } from "../../shared/nodeclass/builders.ts";

export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";

export interface InstanceType {
  readonly instanceType: string;
  readonly cores: string;
  readonly allocatable: ResourceList;
}

export const INSTANCE_TYPES: readonly InstanceType[] = [
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

/** EC2's facts about the type that classes fall back to: nobody has estimated its nodes yet. */
export const FALLBACK = anInstanceType({ instanceType: "m5.2xlarge", vcpus: 8, memoryMiB: 32_768, maxPods: 58 });

/** Of the other types, only what decides whether a stopped instance can be changed to that one. */
export const factsOf = (instanceType: string): InstanceTypeFacts =>
  instanceType === FALLBACK.instanceType
    ? FALLBACK
    : anInstanceType({ instanceType, ...(instanceType.startsWith("g") && { accelerator: "nvidia" }) });

const { allocatable: ofFallback } = nodeResources(FALLBACK, FALLBACK.maxPods);
const FALLBACK_TYPE: InstanceType = {
  instanceType: FALLBACK.instanceType,
  cores: "8",
  allocatable: Object.fromEntries(Object.entries(ofFallback).map(([name, amount]) => [name, String(amount)])),
};

/** A pool with its class. */
export interface Kind {
  readonly pool: NodePool;
  readonly nodeClass: AWSNodeClass;
  /** The class's first. */
  readonly type: InstanceType;
}

/** The class's types, most preferred first. */
export const typesOf = ({ nodeClass, type }: Kind): readonly InstanceType[] =>
  nodeClass.spec.instanceTypes ? [type, FALLBACK_TYPE] : [type];

/** An instance of a pool. */
export interface Machine {
  readonly kind: Kind;
  readonly instanceType: string;
  readonly instanceId: string;
  readonly zone: string;
  /** Its node once it is up and open to pods. */
  readonly node: KubeNode;
  /** Its node while it is stopped; absent if it has no object then. */
  readonly stopped?: KubeNode;
  /** It is up before anything is planned. */
  readonly isUp?: boolean;
}

/** With the labels of kubelet, of the cloud controller manager and of the EBS driver. */
export const nodeOn = (
  { instanceType, cores, allocatable }: InstanceType,
  name: string,
  zone: string,
  taints: readonly Taint[],
): KubeNode => {
  const region = zone.slice(0, -1);
  const labels = {
    [HOSTNAME]: name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "node.kubernetes.io/instance-type": instanceType,
    "example.com/cores": cores,
    [ZONE]: zone,
    "topology.kubernetes.io/region": region,
    "topology.k8s.aws/zone-id": `id-of-${zone}`,
    "topology.ebs.csi.aws.com/zone": zone,
  };
  return { metadata: { name, labels }, spec: { taints }, status: { allocatable } };
};

/** A machine whose node registers as its user data says and is opened then. */
export const machineOf = (kind: Kind, name: string, zone: string, type = kind.type): Machine => {
  const { pool, nodeClass } = kind;
  const spec = poolSpecOf(pool, nodeClass);
  const source = { template: "AL2023", custom: undefined, kubelet: nodeClass.spec.kubelet ?? {} } as const;
  const settings = nodeSettingsOf(source, spec, anAddress(), { images: [], optionalImages: [] });
  const instanceId = `i-${name}`;
  const { metadata, status } = nodeOn(type, name, zone, []);
  const own = { [LABEL.state]: "running", [LABEL.instanceId]: instanceId, [LABEL.capacityType]: "on-demand" };
  const taints = settings.taints.filter((taint) => !readinessTaints(spec).some((other) => sameTaint(taint, other)));
  return {
    kind,
    instanceType: type.instanceType,
    instanceId,
    zone,
    node: { metadata: { name, labels: { ...metadata.labels, ...settings.labels, ...own } }, spec: { taints }, status },
  };
};

/** The stopped machine with the fallback type: its node reports the former one until it boots, and keeps its taints. */
export const resized = (machine: Machine): Machine => {
  const { kind, node, zone } = machine;
  const { instanceType, node: other } = machineOf(kind, node.metadata.name, zone, FALLBACK_TYPE);
  return { ...machine, instanceType, node: { ...other, spec: node.spec } };
};

/** Whether the class and the hardware allow it. */
export const canBeResized = ({ kind, instanceType }: Machine): boolean =>
  kind.nodeClass.spec.instanceTypes !== undefined && factsOf(instanceType).accelerator === undefined;
