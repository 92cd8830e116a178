/** Estimates a node's allocatable resources from its instance type, for types of which the pool has no node yet. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { ResourceList } from "../model/kubernetes/objects.ts";

/**
 * The kernel and the hypervisor use part of the memory that EC2 reports, a smaller share on larger instances. This is Karpenter's
 * default (`VM_MEMORY_OVERHEAD_PERCENT`). It is conservative: if a node had less than the estimate, its pods would stay pending.
 */
const MEMORY_OVERHEAD = 0.075;
/** Hard eviction threshold of memory.available. Source: awslabs/amazon-eks-ami, nodeadm, kubelet's defaults. */
const EVICTION_MIB = 100;

/** 60 millicores of the first core, 10 of the second, 5 of each of the next two, 2.5 of each further core. Source: as above, kubeReserved. */
const reservedMillicores = (vcpus: number): number =>
  [60, 10, 5, 5].slice(0, vcpus).reduce((sum, share) => sum + share, 0) + Math.max(0, vcpus - 4) * 2.5;

/** Source: as above, kubeReserved. */
const reservedMiB = (maxPods: number): number => 255 + 11 * maxPods;

/**
 * nodefs.available keeps 10 % free, kubeReserved takes 1 GiB (source: as above), and the file system itself needs about 1 %: a volume of 20 GiB
 * shows 16.9 GiB.
 */
const USABLE_STORAGE = 0.89;
const RESERVED_STORAGE_GIB = 1;

/** Bottlerocket has its images and pods on its second volume (bottlerocket.dev, "Storage"); everything else on the root volume, which comes first. */
const storageGiB = ({ bootstrapTemplate, blockDeviceMappings = [] }: AWSNodeClassSpec): number | undefined =>
  bootstrapTemplate === "Bottlerocket"
    ? blockDeviceMappings.find(({ deviceName }) => deviceName === "/dev/xvdb")?.volumeSize
    : blockDeviceMappings[0]?.volumeSize;

const DEVICE_RESOURCE = { nvidia: "nvidia.com/gpu", neuron: "aws.amazon.com/neuron" } as const;

/** Quantities by resource name, as in a node's `status.allocatable`; `maxPods` is the kubelet setting, if there is one. */
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

/** With the node's storage, if the class says how large its volume is: the image's own default is unknown. */
export const estimateNode = (facts: InstanceTypeFacts, spec: AWSNodeClassSpec): ResourceList => {
  const allocatable = estimateAllocatable(facts, spec.kubelet?.maxPods);
  const volumeGiB = storageGiB(spec);
  if (volumeGiB === undefined) return allocatable;
  const storageMiB = Math.floor((volumeGiB * USABLE_STORAGE - RESERVED_STORAGE_GIB) * 1024);
  return { ...allocatable, "ephemeral-storage": `${Math.max(0, storageMiB)}Mi` };
};
