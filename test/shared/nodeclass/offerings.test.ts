import { expect, it } from "vitest";
import type { InstanceTypeFacts } from "../../../shared/model/ec2.ts";
import { launchCapacityOf, unknownTypes } from "../../../shared/nodeclass/offerings.ts";
import { anInstanceType } from "../nodeclass/builders.ts";
import { aRecord, aSpec } from "../pool/builders.ts";
import { aResolvedClass } from "../reconcilers/world.ts";

const aPoolWith = (overrides: Partial<Parameters<typeof launchCapacityOf>[0]> = {}) => ({
  spec: aSpec({ poolSize: 5 }),
  nodeClass: aResolvedClass(2, { instanceTypes: ["m5.large", "m6i.large"] }),
  records: [aRecord("running", { zone: "zone-of-subnet-0" }), aRecord("standby", { zone: "zone-of-subnet-0" })],
  nodes: [],
  unavailable: new Map<string, number>(),
  facts: new Map<string, InstanceTypeFacts>(),
  ...overrides,
});

const offeringsOf = (overrides?: Parameters<typeof aPoolWith>[0]) =>
  launchCapacityOf(aPoolWith(overrides)).offerings.map(({ instanceType, zone }) => `${instanceType} in ${zone}`);

const withoutCapacity = (...offerings: string[]) => ({ unavailable: new Map(offerings.map((key) => [key, 1])) });

it("offers the first type, in the zones with the fewest instances first", () => {
  expect(launchCapacityOf(aPoolWith()).maxNodes).toBe(3);
  expect(offeringsOf()).toEqual(["m5.large in zone-of-subnet-1", "m5.large in zone-of-subnet-0"]);
});

it("offers the next type where the first one is unavailable, after the first type elsewhere", () => {
  expect(offeringsOf(withoutCapacity("m5.large in zone-of-subnet-1"))).toEqual([
    "m5.large in zone-of-subnet-0",
    "m6i.large in zone-of-subnet-1",
  ]);
  expect(offeringsOf(withoutCapacity("m5.large in zone-of-subnet-1", "m6i.large in zone-of-subnet-1"))).toEqual([
    "m5.large in zone-of-subnet-0",
  ]);
});

it("offers nothing with overflow None or without its node class", () => {
  expect(
    offeringsOf({
      spec: aSpec({ scaleUp: { ...aSpec().scaleUp, overflow: "None", defaultPodResources: { requests: {} } } }),
    }),
  ).toEqual([]);
  expect(offeringsOf({ nodeClass: undefined })).toEqual([]);
});

it("takes allocatable resources from a node of the type, else from the class's estimate, else from EC2's facts", () => {
  const labels = { "node.kubernetes.io/instance-type": "m6i.large" };
  const nodes = [{ metadata: { name: "node", labels }, status: { allocatable: { cpu: "1900m" } } }];
  const nodeClass = aResolvedClass(3, { instanceTypes: ["m5.large", "m6i.large", "c5.large"] });
  const status = { ...nodeClass.status, estimatedAllocatable: { cpu: "1800m" } };
  const unavailable = [1, 2].map((zone) => `m5.large in zone-of-subnet-${zone}`);
  const pool = {
    ...withoutCapacity(...unavailable, "m6i.large in zone-of-subnet-2"),
    nodes,
    nodeClass: { ...nodeClass, status },
  };
  const cpus = (facts: ReadonlyMap<string, InstanceTypeFacts>) =>
    launchCapacityOf(aPoolWith({ ...pool, facts })).offerings.map(({ allocatable }) => allocatable?.cpu);
  expect(cpus(new Map())).toEqual(["1800m", "1900m", undefined]);
  expect(unknownTypes(launchCapacityOf(aPoolWith(pool)))).toEqual(["c5.large"]);
  expect(cpus(new Map([["c5.large", anInstanceType({ instanceType: "c5.large" })]]))).toEqual([
    "1800m",
    "1900m",
    "1930m",
  ]);
});
