import { expect, test } from "vitest";
import type { InstanceTypeFacts } from "../../../shared/model/ec2.ts";
import { estimateAllocatable, estimateNode } from "../../../shared/nodeclass/estimate-allocatable.ts";
import { aNodeClass, anInstanceType } from "./builders.ts";

/** Calculated by hand: EC2's memory minus 7.5 %, minus 255 MiB + 11 MiB per pod for the system, minus 100 MiB eviction threshold. */
test.each<readonly [Partial<InstanceTypeFacts>, cpu: string, memory: string, pods: string]>([
  [{ instanceType: "m5.large", vcpus: 2, memoryMiB: 8192, maxPods: 29 }, "1930m", "6903Mi", "29"],
  [{ instanceType: "m5.xlarge", vcpus: 4, memoryMiB: 16384, maxPods: 58 }, "3920m", "14162Mi", "58"],
  [{ instanceType: "m5.4xlarge", vcpus: 16, memoryMiB: 65536, maxPods: 234 }, "15890m", "57691Mi", "234"],
  [{ instanceType: "m7g.medium", vcpus: 1, memoryMiB: 4096, maxPods: 8 }, "940m", "3345Mi", "8"],
])("%o", (type, cpu, memory, pods) => {
  expect(estimateAllocatable(anInstanceType(type))).toEqual({ cpu, memory, pods });
});

test("a lower pod limit reserves less memory", () => {
  const [few, many] = [10, 110].map((maxPods) => estimateAllocatable(anInstanceType(), maxPods));
  expect(few).toMatchObject({ pods: "10" });
  expect(Number.parseInt(few?.memory ?? "", 10)).toBeGreaterThan(Number.parseInt(many?.memory ?? "", 10));
});

test("accelerators are listed under the resource names of their device plugins", () => {
  expect(estimateAllocatable(anInstanceType({ accelerator: "nvidia", devices: 4 }))).toHaveProperty(
    ["nvidia.com/gpu"],
    "4",
  );
  expect(estimateAllocatable(anInstanceType({ accelerator: "neuron", devices: 1 }))).toHaveProperty(
    ["aws.amazon.com/neuron"],
    "1",
  );
});

test("a type smaller than the reserved memory has 0 memory, not a negative value", () => {
  expect(estimateAllocatable(anInstanceType({ vcpus: 2, memoryMiB: 512 }), 110).memory).toBe("0Mi");
});

/** A volume of 20 GiB of an AL2023 node shows 18181869946 bytes, 17339 MiB. */
test.each([
  { volumes: [{ deviceName: "/dev/xvda", volumeSize: 20 }], storage: "17203Mi" },
  { volumes: [{ deviceName: "/dev/xvda" }], storage: undefined },
  { bottlerocket: true, volumes: [{ deviceName: "/dev/xvda", volumeSize: 4 }], storage: undefined },
  { bottlerocket: true, volumes: [{ deviceName: "/dev/xvdb", volumeSize: 20 }], storage: "17203Mi" },
])("storage is what $volumes leaves, or unknown", ({ bottlerocket, volumes, storage }) => {
  const { spec } = aNodeClass({
    spec: { blockDeviceMappings: volumes, ...(bottlerocket && { bootstrapTemplate: "Bottlerocket" as const }) },
  });
  expect(estimateNode(anInstanceType(), spec)["ephemeral-storage"]).toBe(storage);
});
