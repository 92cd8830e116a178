import { expect, it } from "vitest";
import { launchableOf } from "../../../shared/reconcilers/demand/offers.ts";
import { aRecord, aSpec } from "../pool/builders.ts";
import { aResolvedClass } from "./world.ts";

const known = (overrides: Partial<Parameters<typeof launchableOf>[0]> = {}) => ({
  spec: aSpec({ poolSize: 5 }),
  nodeClass: aResolvedClass(2, { instanceTypes: ["m5.large", "m6i.large"] }),
  records: [aRecord("running", { zone: "zone-of-subnet-0" }), aRecord("standby", { zone: "zone-of-subnet-0" })],
  nodes: [],
  marks: new Map<string, number>(),
  ...overrides,
});

const places = (overrides?: Parameters<typeof known>[0]) =>
  launchableOf(known(overrides)).offers.map(({ instanceType, zone }) => `${instanceType} in ${zone}`);

it("a pool offers its types in their order, and first the zone in which it has least", () => {
  expect(launchableOf(known()).most).toBe(3);
  expect(places()).toEqual([
    "m5.large in zone-of-subnet-1",
    "m5.large in zone-of-subnet-0",
    "m6i.large in zone-of-subnet-1",
    "m6i.large in zone-of-subnet-0",
  ]);
});

it("a pool offers nothing where EC2 had no capacity lately", () => {
  expect(places({ marks: new Map([["m5.large in zone-of-subnet-1", 1]]) })).not.toContain(
    "m5.large in zone-of-subnet-1",
  );
});

it("a pool whose overflow is None, or whose class is not there, offers nothing", () => {
  expect(
    places({
      spec: aSpec({ scaleUp: { ...aSpec().scaleUp, overflow: "None", defaultPodResources: { requests: {} } } }),
    }),
  ).toEqual([]);
  expect(places({ nodeClass: undefined })).toEqual([]);
});

it("what a node offers is known from one of its type, else for the first type from the class", () => {
  const labels = { "node.kubernetes.io/instance-type": "m6i.large" };
  const nodes = [{ metadata: { name: "node", labels }, status: { allocatable: { cpu: "1900m" } } }];
  const nodeClass = aResolvedClass(1, { instanceTypes: ["m5.large", "m6i.large", "c5.large"] });
  const status = { ...nodeClass.status, estimatedAllocatable: { cpu: "1800m" } };
  const { offers } = launchableOf(known({ nodes, nodeClass: { ...nodeClass, status } }));
  expect(offers.map(({ allocatable }) => allocatable?.cpu)).toEqual(["1800m", "1900m", undefined]);
});
