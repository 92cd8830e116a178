/** Instance types with the figures that DescribeInstanceTypes returns in us-east-1. */
import type { InstanceType } from "./instance-type.ts";

type Figures = readonly [
  name: string,
  vcpus: number,
  memoryMiB: number,
  interfaces: number,
  addressesPerInterface: number,
];

const X86: readonly Figures[] = [
  ["c5.large", 2, 4096, 3, 10],
  ["c5.xlarge", 4, 8192, 4, 15],
  ["c5.2xlarge", 8, 16384, 4, 15],
  ["c6i.large", 2, 4096, 3, 10],
  ["m5.large", 2, 8192, 3, 10],
  ["m5.xlarge", 4, 16384, 4, 15],
  ["m5.2xlarge", 8, 32768, 4, 15],
  ["m5.4xlarge", 16, 65536, 8, 30],
  ["m6i.large", 2, 8192, 3, 10],
  ["m6i.xlarge", 4, 16384, 4, 15],
  ["m6i.2xlarge", 8, 32768, 4, 15],
  ["m7i.large", 2, 8192, 3, 10],
  ["m7i.xlarge", 4, 16384, 4, 15],
  ["r5.large", 2, 16384, 3, 10],
  ["r5.xlarge", 4, 32768, 4, 15],
  ["r5.2xlarge", 8, 65536, 4, 15],
  ["r6i.large", 2, 16384, 3, 10],
  ["t3.micro", 2, 1024, 2, 2],
  ["t3.small", 2, 2048, 3, 4],
  ["t3.medium", 2, 4096, 3, 6],
  ["t3.large", 2, 8192, 3, 12],
  ["t3.xlarge", 4, 16384, 4, 15],
];

/** Graviton has one core per vCPU. */
const ARM: readonly Figures[] = [
  ["c7g.large", 2, 4096, 3, 10],
  ["c7g.xlarge", 4, 8192, 4, 15],
  ["m7g.medium", 1, 4096, 2, 4],
  ["m7g.large", 2, 8192, 3, 10],
  ["m7g.xlarge", 4, 16384, 4, 15],
  ["m7g.2xlarge", 8, 32768, 4, 15],
  ["r7g.large", 2, 16384, 3, 10],
  ["t4g.medium", 2, 4096, 3, 6],
  ["t4g.large", 2, 8192, 3, 12],
];

const GPU: readonly (readonly [Figures, instanceStorageGB: number, NonNullable<InstanceType["gpu"]>])[] = [
  [["g5.xlarge", 4, 16384, 4, 15], 250, { name: "A10G", count: 1, memoryMiB: 22888 }],
  [["g5.2xlarge", 8, 32768, 4, 15], 450, { name: "A10G", count: 1, memoryMiB: 22888 }],
  [["g5.12xlarge", 48, 196608, 15, 50], 3800, { name: "A10G", count: 4, memoryMiB: 22888 }],
  [["p4d.24xlarge", 96, 1179648, 60, 50], 8000, { name: "A100", count: 8, memoryMiB: 40960 }],
];

const WITHOUT_HIBERNATION: readonly string[] = ["r6i.large"];

const instanceType = (
  [name, vcpus, memoryMiB, interfaces, addressesPerInterface]: Figures,
  rest: Partial<InstanceType>,
): InstanceType => ({
  name,
  vcpus,
  cores: rest.architecture === "arm64" ? vcpus : vcpus / 2,
  memoryMiB,
  interfaces,
  addressesPerInterface,
  architecture: "x86_64",
  burstable: name.startsWith("t"),
  hibernation: rest.gpu === undefined && !WITHOUT_HIBERNATION.includes(name),
  instanceStorageGB: 0,
  gpu: undefined,
  ...rest,
});

/** By name. */
export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map(
  [
    ...X86.map((figures) => instanceType(figures, { architecture: "x86_64" })),
    ...ARM.map((figures) => instanceType(figures, { architecture: "arm64" })),
    ...GPU.map(([figures, instanceStorageGB, gpu]) => instanceType(figures, { instanceStorageGB, gpu })),
  ].map((type) => [type.name, type]),
);
