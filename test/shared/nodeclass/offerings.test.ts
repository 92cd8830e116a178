import { expect, it } from "vitest";
import type { InstanceTypeFacts } from "../../../shared/model/ec2.ts";
import { launchCapacityOf, unknownTypes } from "../../../shared/nodeclass/offerings.ts";
import { anInstanceType } from "../nodeclass/builders.ts";
import { aRecord, aSpec } from "../pool/builders.ts";
import { aResolvedClass } from "../reconcilers/world.ts";

const known = (overrides: Partial<Parameters<typeof launchCapacityOf>[0]> = {}) => ({
  spec: aSpec({ poolSize: 5 }),
  nodeClass: aResolvedClass(2, { instanceTypes: ["m5.large", "m6i.large"] }),
  records: [aRecord("running", { zone: "zone-of-subnet-0" }), aRecord("standby", { zone: "zone-of-subnet-0" })],
  nodes: [],
  marks: new Map<string, number>(),
  facts: new Map<string, InstanceTypeFacts>(),
  ...overrides,
});

const places = (overrides?: Parameters<typeof known>[0]) =>
  launchCapacityOf(known(overrides)).offerings.map(({ instanceType, zone }) => `${instanceType} in ${zone}`);

const marked = (...full: string[]) => ({ marks: new Map(full.map((place) => [place, 1])) });

it("a pool offers its first type, and first the zone in which it has least", () => {
  expect(launchCapacityOf(known()).maxNodes).toBe(3);
  expect(places()).toEqual(["m5.large in zone-of-subnet-1", "m5.large in zone-of-subnet-0"]);
});

it("where EC2 had no capacity for it lately, a pool offers the next type, after the first type elsewhere", () => {
  expect(places(marked("m5.large in zone-of-subnet-1"))).toEqual([
    "m5.large in zone-of-subnet-0",
    "m6i.large in zone-of-subnet-1",
  ]);
  expect(places(marked("m5.large in zone-of-subnet-1", "m6i.large in zone-of-subnet-1"))).toEqual([
    "m5.large in zone-of-subnet-0",
  ]);
});

it("a pool whose overflow is None, or whose class is not there, offers nothing", () => {
  expect(
    places({
      spec: aSpec({ scaleUp: { ...aSpec().scaleUp, overflow: "None", defaultPodResources: { requests: {} } } }),
    }),
  ).toEqual([]);
  expect(places({ nodeClass: undefined })).toEqual([]);
});

it("what a node offers is known from one of its type, else from the class, else from what EC2 tells of the type", () => {
  const labels = { "node.kubernetes.io/instance-type": "m6i.large" };
  const nodes = [{ metadata: { name: "node", labels }, status: { allocatable: { cpu: "1900m" } } }];
  const nodeClass = aResolvedClass(3, { instanceTypes: ["m5.large", "m6i.large", "c5.large"] });
  const status = { ...nodeClass.status, estimatedAllocatable: { cpu: "1800m" } };
  const full = [1, 2].map((zone) => `m5.large in zone-of-subnet-${zone}`);
  const taken = { ...marked(...full, "m6i.large in zone-of-subnet-2"), nodes, nodeClass: { ...nodeClass, status } };
  const cpus = (facts: ReadonlyMap<string, InstanceTypeFacts>) =>
    launchCapacityOf(known({ ...taken, facts })).offerings.map(({ allocatable }) => allocatable?.cpu);
  expect(cpus(new Map())).toEqual(["1800m", "1900m", undefined]);
  expect(unknownTypes(launchCapacityOf(known(taken)))).toEqual(["c5.large"]);
  expect(cpus(new Map([["c5.large", anInstanceType({ instanceType: "c5.large" })]]))).toEqual([
    "1800m",
    "1900m",
    "1930m",
  ]);
});
