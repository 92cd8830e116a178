/**
 * What a node of an instance type has and leaves to pods, as EKS's images compute it. Source: awslabs/amazon-eks-ami,
 * nodeadm/internal/kubelet/config.go (the same figures as AL2's bootstrap.sh).
 */
import { INSTANCE_TYPES } from "../../aws/ec2/catalog/instance-types.ts";
import type { Machine } from "../../aws/ec2/machines.ts";
import type { ResourceList } from "../objects.ts";

/** Of the memory that EC2 advertises, firmware and kernel keep some: an m5.large shows 7.57 of its 8 GiB. */
const VISIBLE_MEMORY = 0.946;
const EVICTION_MIB = 100;
/** Where the type is unknown: EKS's default. */
const DEFAULT_MAX_PODS = 110;
/** A root volume of 20 GiB, and what is left of it after the reserved GiB and 10 % for eviction. */
const DISK = { whole: "20893676Ki", left: "18181869946" };

/** One address of each network interface is the node's own; aws-node and kube-proxy need none. */
const maxPodsOf = (instanceType: string): number => {
  const type = INSTANCE_TYPES.get(instanceType);
  return type ? type.interfaces * (type.addressesPerInterface - 1) + 2 : DEFAULT_MAX_PODS;
};

/** 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest, in thousandths of a core. */
const reservedMilliCpu = (vcpus: number): number =>
  60 +
  Math.min(Math.max(vcpus - 1, 0), 1) * 10 +
  Math.min(Math.max(vcpus - 2, 0), 2) * 5 +
  Math.max(vcpus - 4, 0) * 2.5;

const reservedMiB = (maxPods: number): number => 255 + 11 * maxPods;

export interface Room {
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
}

/** GPUs are there from the start; on a real node NVIDIA's device plugin, a DaemonSet, announces them. */
export const roomOf = ({ instanceType, vcpus, memoryMiB }: Machine, limit: number | undefined): Room => {
  const maxPods = limit ?? maxPodsOf(instanceType);
  const memoryKi = Math.floor(memoryMiB * 1024 * VISIBLE_MEMORY);
  const leftKi = memoryKi - (reservedMiB(maxPods) + EVICTION_MIB) * 1024;
  const gpus = INSTANCE_TYPES.get(instanceType)?.gpu?.count;
  const both = {
    pods: String(maxPods),
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
    ...(gpus && { "nvidia.com/gpu": String(gpus) }),
  };
  return {
    capacity: { cpu: String(vcpus), memory: `${memoryKi}Ki`, "ephemeral-storage": DISK.whole, ...both },
    allocatable: {
      cpu: `${Math.floor(vcpus * 1000 - reservedMilliCpu(vcpus))}m`,
      memory: `${leftKi}Ki`,
      "ephemeral-storage": DISK.left,
      ...both,
    },
  };
};
