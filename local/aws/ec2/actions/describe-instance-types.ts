/** DescribeInstanceTypes (API reference). */

import { texts } from "../../gateway/query-params.ts";
import type { Xml } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import type { InstanceType } from "../catalog/instance-type.ts";
import { INSTANCE_TYPES } from "../catalog/instance-types.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { paginate } from "../pages.ts";
import { SHARED_ATTACHMENTS } from "../volume-limits.ts";

const FIELDS: FilterFields<InstanceType> = {
  "bare-metal": () => "false",
  "burstable-performance-supported": ({ burstable }) => String(burstable),
  "current-generation": () => "true",
  "hibernation-supported": ({ hibernation }) => String(hibernation),
  hypervisor: () => "nitro",
  "instance-storage-supported": ({ instanceStorageGB }) => String(instanceStorageGB > 0),
  "instance-type": ({ name }) => name,
  "memory-info.size-in-mib": ({ memoryMiB }) => String(memoryMiB),
  "processor-info.supported-architecture": ({ architecture }) => architecture,
  "supported-usage-class": () => ["on-demand", "spot"],
  "vcpu-info.default-vcpus": ({ vcpus }) => String(vcpus),
};

const renderGpus = ({ gpu }: InstanceType): Xml =>
  gpu && {
    gpus: [{ name: gpu.name, manufacturer: "NVIDIA", count: gpu.count, memoryInfo: { sizeInMiB: gpu.memoryMiB } }],
    totalGpuMemoryInMiB: gpu.count * gpu.memoryMiB,
  };

const renderType = (type: InstanceType): Xml => ({
  instanceType: type.name,
  currentGeneration: true,
  freeTierEligible: type.name === "t3.micro",
  supportedUsageClasses: ["on-demand", "spot"],
  supportedRootDeviceTypes: ["ebs"],
  supportedVirtualizationTypes: ["hvm"],
  bareMetal: false,
  hypervisor: "nitro",
  processorInfo: { supportedArchitectures: [type.architecture] },
  vCpuInfo: {
    defaultVCpus: type.vcpus,
    defaultCores: type.cores,
    defaultThreadsPerCore: type.vcpus / type.cores,
  },
  memoryInfo: { sizeInMiB: type.memoryMiB },
  instanceStorageSupported: type.instanceStorageGB > 0,
  instanceStorageInfo: type.instanceStorageGB > 0 ? { totalSizeInGB: type.instanceStorageGB } : undefined,
  supportedBootModes: type.architecture === "arm64" ? ["uefi"] : ["legacy-bios", "uefi"],
  ebsInfo: {
    ebsOptimizedSupport: "default",
    encryptionSupport: "supported",
    nvmeSupport: "required",
    maximumEbsAttachments: SHARED_ATTACHMENTS,
    attachmentLimitType: "shared",
  },
  networkInfo: {
    maximumNetworkInterfaces: type.interfaces,
    maximumNetworkCards: 1,
    defaultNetworkCardIndex: 0,
    ipv4AddressesPerInterface: type.addressesPerInterface,
    ipv6AddressesPerInterface: type.addressesPerInterface,
    ipv6Supported: true,
    enaSupport: "required",
  },
  gpuInfo: renderGpus(type),
  placementGroupInfo: { supportedStrategies: ["cluster", "partition", "spread"] },
  hibernationSupported: type.hibernation,
  burstablePerformanceSupported: type.burstable,
  dedicatedHostsSupported: false,
  autoRecoverySupported: true,
});

const findTypes = (names: readonly string[]): InstanceType[] => {
  const unknown = names.filter((name) => !INSTANCE_TYPES.has(name));
  if (unknown.length > 0) {
    const message = `The following supplied instance types do not exist: [${unknown.join(", ")}]`;
    throw new CloudError("InvalidInstanceType", message);
  }
  return names.flatMap((name) => INSTANCE_TYPES.get(name) ?? []);
};

export const describeInstanceTypes: Action = (_world, { params }) => {
  const names = texts(params, "InstanceType");
  const types = names.length > 0 ? findTypes(names) : [...INSTANCE_TYPES.values()];
  const found = applyFilters(params, types, FIELDS, () => ({}));
  const { items, nextToken } = paginate(params, found, { min: 5, max: 100 });
  return { instanceTypeSet: items.map(renderType), nextToken };
};
