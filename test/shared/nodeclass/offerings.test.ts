import { expect, it } from "vitest";
import { launchCapacityOf } from "../../../shared/nodeclass/offerings.ts";
import { aRecord, aSpec } from "../pool/builders.ts";
import { aResolvedClass } from "../reconcilers/world.ts";

const aPoolWith = (overrides: Partial<Parameters<typeof launchCapacityOf>[0]> = {}) => ({
  spec: aSpec({ poolSize: 5 }),
  nodeClass: aResolvedClass(2, { instanceTypes: ["m5.large", "m6i.large"] }),
  records: [aRecord("running", { zone: "zone-of-subnet-0" }), aRecord("standby", { zone: "zone-of-subnet-0" })],
  unavailable: new Map<string, number>(),
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

/** The class's subnets, by id, with their zone and free addresses. */
const withSubnets = (subnets: Readonly<Record<string, readonly [zone: string, freeAddresses?: number]>>) => {
  const nodeClass = aResolvedClass(1);
  const resolvedSubnets = Object.entries(subnets).map(([id, [zone, freeAddresses]]) => ({
    id,
    zone,
    ...(freeAddresses !== undefined && { freeAddresses }),
  }));
  return { nodeClass: { ...nodeClass, status: { ...nodeClass.status, resolvedSubnets } } };
};

it("offers a zone with the free addresses of its subnets, as far as they are known", () => {
  const nodeClass = withSubnets({ a1: ["a", 3], a2: ["a", 40], b1: ["b", 0], c1: ["c", 7], c2: ["c"] });
  const addresses = (unavailable: readonly string[] = []) =>
    launchCapacityOf(aPoolWith({ ...nodeClass, ...withoutCapacity(...unavailable) })).offerings.map(
      ({ zone, freeAddresses }) => [zone, freeAddresses],
    );
  expect(addresses()).toEqual([
    ["a", 43],
    ["b", 0],
    ["c", undefined],
  ]);
  expect(addresses(["subnet a2"])[0]).toEqual(["a", 3]);
});

it("does not offer a zone of which every subnet turned out to have no addresses", () => {
  const nodeClass = withSubnets({ a1: ["a"], a2: ["a"], b1: ["b"] });
  expect(offeringsOf({ ...nodeClass, ...withoutCapacity("subnet a1") })).toHaveLength(2);
  expect(offeringsOf({ ...nodeClass, ...withoutCapacity("subnet a1", "subnet a2") })).toEqual(["m5.large in b"]);
});
