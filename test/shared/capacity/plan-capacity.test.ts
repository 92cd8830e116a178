import { describe, expect, it } from "vitest";
import {
  afterRefusedLaunch,
  afterRefusedResize,
  afterRefusedStarts,
  afterUndoneStart,
  type CapacityFacts,
  openSubnets,
  planCapacity,
} from "../../../shared/capacity/plan-capacity.ts";
import { type InstanceRecord, STANDBY_RESET } from "../../../shared/model/instance-record.ts";
import { offeringKey, UNAVAILABLE_FOR_MS } from "../../../shared/model/unavailable-offerings.ts";
import { aRecord, aSpec, MINUTE, NOW } from "../pool/builders.ts";

const TYPES = ["m5.large", "m6i.large"];

/** By id, with their zone and free addresses. */
const subnetsOf = (subnets: Readonly<Record<string, readonly [zone: string, freeAddresses?: number]>>) =>
  Object.entries(subnets).map(([id, [zone, freeAddresses]]) => ({
    id,
    zone,
    ...(freeAddresses !== undefined && { freeAddresses }),
  }));

const inZone = (zone: string, slot: number) => aRecord("standby", { zone, slot, instanceType: "m5.large" });
const STANDBY = [inZone("a", 1), inZone("b", 2)];

/** Two zones with one subnet each; standby in both, and a second instance in `a`. */
const planWith = (unavailable: readonly string[] = [], overrides: Partial<CapacityFacts> = {}) =>
  planCapacity({
    spec: aSpec({ poolSize: 5 }),
    launch: { instanceTypes: TYPES, subnets: subnetsOf({ "in-a": ["a"], "in-b": ["b"] }), options: {} },
    records: [...STANDBY, aRecord("running", { zone: "a", slot: 3 })],
    standby: STANDBY.map((record) => ({ record })),
    unavailable: new Set(unavailable),
    now: NOW,
    ...overrides,
  });

const offeringsOf = (plan: ReturnType<typeof planWith>) => plan.launch.offerings.map(offeringKey);

describe("the ladder", () => {
  it.each([
    {
      name: "begins with all standby, and the first type in the zones with the fewest instances first",
      unavailable: [],
      start: ["a", "b"],
      launch: ["m5.large in b", "m5.large in a"],
    },
    {
      name: "leaves out a zone without capacity, where the next type comes after the first type elsewhere",
      unavailable: ["m5.large in b"],
      start: ["a"],
      launch: ["m5.large in a", "m6i.large in b"],
    },
    {
      name: "goes on to the next type where the first has no capacity at all",
      unavailable: ["m5.large in a", "m5.large in b"],
      start: [],
      launch: ["m6i.large in b", "m6i.large in a"],
    },
    {
      name: "leaves out a zone without capacity for any type",
      unavailable: ["m5.large in b", "m6i.large in b"],
      start: ["a"],
      launch: ["m5.large in a"],
    },
    {
      name: "ends with waiting",
      unavailable: TYPES.flatMap((type) => [`${type} in a`, `${type} in b`]),
      start: [],
      launch: [],
    },
    {
      name: "starts standby in a zone without free addresses, where nothing can be launched",
      unavailable: ["subnet in-b"],
      start: ["a", "b"],
      launch: ["m5.large in a"],
    },
  ])("$name", ({ unavailable, start, launch }) => {
    const plan = planWith(unavailable);
    expect(plan.start.map(({ record }) => record.zone)).toEqual(start);
    expect(offeringsOf(plan)).toEqual(launch);
  });

  it("launches as many as the pool has free slots", () => {
    expect(planWith().launch.maxNodes).toBe(2);
    expect(planWith([], { spec: aSpec({ poolSize: 2 }) }).launch.maxNodes).toBe(0);
  });

  it("launches nothing with overflow None, or while nothing can be launched", () => {
    const { scaleUp } = aSpec();
    expect(offeringsOf(planWith([], { spec: aSpec({ scaleUp: { ...scaleUp, overflow: "None" } }) }))).toEqual([]);
    expect(offeringsOf(planWith([], { launch: undefined }))).toEqual([]);
  });

  it("knows the free addresses of a zone from its subnets, as far as they are known", () => {
    const subnets = subnetsOf({ a1: ["a", 3], a2: ["a", 40], b1: ["b", 0], c1: ["c", 7], c2: ["c"] });
    const addresses = (unavailable: readonly string[] = []) =>
      planWith(unavailable, {
        launch: { instanceTypes: TYPES, subnets, options: {} },
        records: [],
      }).launch.offerings.map(({ zone, freeAddresses }) => [zone, freeAddresses]);
    expect(addresses()).toEqual([
      ["a", 43],
      ["b", 0],
      ["c", undefined],
    ]);
    expect(addresses(["subnet a2"])[0]).toEqual(["a", 3]);
  });
});

describe("standby without capacity", () => {
  const FULL = ["m5.large in a", "m5.large in b"];
  const resizes = (unavailable: readonly string[], overrides: Partial<CapacityFacts> = {}) =>
    planWith(unavailable, overrides).resize.map(({ standby, types }) => [standby.record.zone, ...types]);
  const withRecord = (overrides: Partial<InstanceRecord>) => ({
    standby: [{ record: { ...inZone("a", 1), ...overrides } }],
  });

  it.each([
    { name: "may become one of the other types that have capacity in its zone", without: FULL, types: [["a"], ["b"]] },
    { name: "is left alone where no type has capacity", without: [...FULL, "m6i.large in a"], types: [["b"]] },
    { name: "is left alone while its own type has capacity", without: ["m6i.large in a"], types: [] },
  ])("$name", ({ without, types }) => {
    expect(resizes(without)).toEqual(types.map(([zone]) => [zone, "m6i.large"]));
  });

  it("is changed with overflow None, too, but not while its class is not ready", () => {
    const { scaleUp } = aSpec();
    expect(resizes(FULL, { spec: aSpec({ scaleUp: { ...scaleUp, overflow: "None" } }) })).toHaveLength(2);
    expect(resizes(FULL, { launch: undefined })).toEqual([]);
  });

  it.each([{ id: "cr-1" }, { resourceGroupArn: "arn:aws:resource-groups:::group/g" }])(
    "is not changed if it belongs to the reservation %o, which is for one type",
    (capacityReservation) => {
      const subnets = subnetsOf({ "in-a": ["a"] });
      expect(resizes(FULL, { launch: { instanceTypes: TYPES, subnets, options: { capacityReservation } } })).toEqual(
        [],
      );
    },
  );

  it("is not changed again for an hour after EC2 refused", () => {
    expect(resizes(FULL, withRecord({ resizeRefusedAt: NOW - 59 * MINUTE }))).toEqual([]);
    expect(resizes(FULL, withRecord({ resizeRefusedAt: NOW - 60 * MINUTE }))).toHaveLength(1);
  });

  it("is changed twenty at a time in each place, as each takes a call", () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ record: inZone("a", index + 1) }));
    expect(resizes(FULL, { standby: [...many, { record: inZone("b", 31) }] })).toHaveLength(21);
  });

  it("has its former type again if EC2 refuses, and is left out only if that is final", () => {
    const record = { ...inZone("a", 1), instanceType: "m6i.large", resizedFrom: "m5.large", starts: 3 };
    const set = { ...STANDBY_RESET, starts: 2, instanceType: "m5.large", resizedFrom: null };
    const start = { pool: "workers", record };
    expect(afterRefusedResize(start, false, NOW)).toEqual({ ...start, reason: "ResizeRefused", set });
    expect(afterRefusedResize(start, true, NOW).set).toEqual({ ...set, resizeRefusedAt: NOW });
  });
});

describe("instances of a type are launched in", () => {
  const subnets = subnetsOf({ a1: ["a"], a2: ["a"], b1: ["b"] });

  it.each([
    { unavailable: [], open: ["a1", "a2", "b1"] },
    { unavailable: ["subnet a1"], open: ["a2", "b1"] },
    { unavailable: ["m5.large in a"], open: ["b1"] },
    { unavailable: ["m6i.large in a"], open: ["a1", "a2", "b1"] },
    { unavailable: ["m5.large in a", "subnet b1"], open: [] },
  ])("$open without $unavailable", ({ unavailable, open }) => {
    expect(openSubnets(subnets, "m5.large", new Set(unavailable)).map(({ id }) => id)).toEqual(open);
  });
});

describe("what EC2 refuses", () => {
  const offering = { instanceType: "m5.large", zone: "a" };
  const until = NOW + UNAVAILABLE_FOR_MS;

  it("is kept away from for three minutes, once for each offering, and its instances are standby again", () => {
    const starts = [...STANDBY, inZone("a", 4)].map((record) => ({ pool: "workers", record }));
    expect(afterRefusedStarts(starts, NOW)).toEqual({
      unavailable: [
        { key: "m5.large in a", until },
        { key: "m5.large in b", until },
      ],
      returned: starts.map((start) => ({
        ...start,
        reason: "InsufficientCapacity",
        set: { ...STANDBY_RESET, starts: null },
      })),
    });
  });

  it("for lack of addresses concerns only that subnet", () => {
    expect(afterRefusedLaunch(offering, undefined, NOW)).toEqual({ key: "m5.large in a", until });
    expect(afterRefusedLaunch(offering, "a1", NOW)).toEqual({ key: "subnet a1", until });
  });

  it("after it accepted the start is kept away from twice as long after each failure in a row", () => {
    expect([1, 2, 3].map((count) => afterUndoneStart(offering, count, NOW).until - NOW)).toEqual(
      [1, 2, 4].map((times) => times * UNAVAILABLE_FOR_MS),
    );
  });
});
