/**
 * Capacity and allocatable of a node by instance type, as the EKS AMIs compute them. Source: awslabs/amazon-eks-ami,
 * nodeadm/internal/kubelet/config.go (same numbers as AL2's bootstrap.sh).
 */
import { INSTANCE_TYPES } from "../../aws/ec2/catalog/instance-types.ts";
import type { Machine } from "../../aws/ec2/machines.ts";
import type { ResourceList } from "../objects/objects.ts";

/** Firmware and kernel reserve part of the memory that EC2 advertises: an m5.large reports 7.57 of its 8 GiB. */
const VISIBLE_MEMORY = 0.946;
const EVICTION_MIB = 100;
/** The EKS default, used for an unknown instance type. */
const DEFAULT_MAX_PODS = 110;
/** A root volume of 20 GiB; allocatable excludes the reserved 1 GiB and the 10 % eviction threshold. */
const DISK = { capacity: "20893676Ki", allocatable: "18181869946" };

/** The primary address of each network interface is not available to pods; aws-node and kube-proxy use the host network and need none. */
const maxPodsOf = (instanceType: string): number => {
  const type = INSTANCE_TYPES.get(instanceType);
  return type ? type.interfaces * (type.addressesPerInterface - 1) + 2 : DEFAULT_MAX_PODS;
};

/** In millicores: 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest. */
const reservedMilliCpu = (vcpus: number): number =>
  60 +
  Math.min(Math.max(vcpus - 1, 0), 1) * 10 +
  Math.min(Math.max(vcpus - 2, 0), 2) * 5 +
  Math.max(vcpus - 4, 0) * 2.5;

const reservedMiB = (maxPods: number): number => 255 + 11 * maxPods;

export interface NodeResources {
  readonly capacity: ResourceList;
  readonly allocatable: ResourceList;
}

/** The extended resources that a device plugin registers for the instance's devices. */
export const devicesOf = ({ instanceType }: Machine): ResourceList => {
  const gpus = INSTANCE_TYPES.get(instanceType)?.gpu?.count;
  return gpus ? { "nvidia.com/gpu": String(gpus) } : {};
};

/** Without devices, which are not known at boot. */
export const nodeResources = (
  { instanceType, vcpus, memoryMiB }: Pick<Machine, "instanceType" | "vcpus" | "memoryMiB">,
  limit: number | undefined,
): NodeResources => {
  const maxPods = limit ?? maxPodsOf(instanceType);
  const memoryKi = Math.floor(memoryMiB * 1024 * VISIBLE_MEMORY);
  const allocatableKi = memoryKi - (reservedMiB(maxPods) + EVICTION_MIB) * 1024;
  const shared = {
    pods: String(maxPods),
    "hugepages-1Gi": "0",
    "hugepages-2Mi": "0",
  };
  return {
    capacity: { cpu: String(vcpus), memory: `${memoryKi}Ki`, "ephemeral-storage": DISK.capacity, ...shared },
    allocatable: {
      cpu: `${Math.floor(vcpus * 1000 - reservedMilliCpu(vcpus))}m`,
      memory: `${allocatableKi}Ki`,
      "ephemeral-storage": DISK.allocatable,
      ...shared,
    },
  };
};
