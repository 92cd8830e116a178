/** What a node that nobody has seen yet will offer to pods, estimated from its instance type. */
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { ResourceList } from "../model/kubernetes/objects.ts";

/**
 * The kernel and the hypervisor keep a part of the memory that EC2 names, the smaller the larger the instance is. Karpenter's default
 * (`VM_MEMORY_OVERHEAD_PERCENT`), on the careful side: a node that holds less than was said would leave its pods pending.
 */
const MEMORY_OVERHEAD = 0.075;
/** Hard eviction threshold of memory.available. Source: awslabs/amazon-eks-ami, nodeadm, kubelet's defaults. */
const EVICTION_MIB = 100;

/** Of the first core 60 millicores, of the second 10, of the next two 5 each, of every other 2.5. Source: as above, kubeReserved. */
const reservedMillicores = (vcpus: number): number =>
  [60, 10, 5, 5].slice(0, vcpus).reduce((sum, share) => sum + share, 0) + Math.max(0, vcpus - 4) * 2.5;

/** Source: as above, kubeReserved. */
const reservedMiB = (maxPods: number): number => 255 + 11 * maxPods;

const DEVICE_RESOURCE = { nvidia: "nvidia.com/gpu", neuron: "aws.amazon.com/neuron" } as const;

/** Quantities by resource name, as in a node's `status.allocatable`; `maxPods` is kubelet's setting, where there is one. */
export const estimateAllocatable = (facts: InstanceTypeFacts, maxPods = facts.maxPods): ResourceList => {
  const millicores = Math.floor(facts.vcpus * 1000 - reservedMillicores(facts.vcpus));
  const memoryMiB = Math.floor(facts.memoryMiB * (1 - MEMORY_OVERHEAD) - reservedMiB(maxPods) - EVICTION_MIB);
  return {
    cpu: `${Math.max(0, millicores)}m`,
    memory: `${Math.max(0, memoryMiB)}Mi`,
    pods: String(maxPods),
    ...(facts.accelerator && { [DEVICE_RESOURCE[facts.accelerator]]: String(facts.devices) }),
  };
};
