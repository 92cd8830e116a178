import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { startTable, type TestTable } from "../../dynamo.ts";
import { refusal } from "../fake-ec2.ts";
import {
  CLUSTER,
  createWorld,
  living,
  reconcileUntil,
  replenishments,
  states,
  type World,
  warmedUp,
  withNodeInUse,
} from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

const poolOf = ({ kube, pool }: World) => kube.at<NodePool>(paths.nodePool(pool));
const conditionOf = (world: World, name: string) =>
  poolOf(world)?.status?.conditions?.find(({ type }) => type === name);
const eventReasons = ({ kube }: World) =>
  kube.in<{ reason: string }>(paths.events("default")).map(({ reason }) => reason);
const key = ({ pool }: World) => ({ cluster: CLUSTER, pool });

it("launches the replacement of a node that is due in the zone of its pod's volume", async () => {
  const spec = { poolSize: 3, minStandby: 3, maxNodeRuntime: "1h" };
  const { world, instanceId } = await withNodeInUse({ table, subnets: 4, spec });
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  world.kube.change(paths.pod("default", "pod"), { spec: { volumes } });
  world.kube.change(paths.nodePool(world.pool), { spec: { poolSize: 5, minStandby: 2 } });
  const before = world.ec2.launches.length;
  world.advance(2 * 60 * 60_000);
  await world.ports.zoneDemand.write(key(world), { "zone-of-subnet-3": { count: 9, at: world.now() } });
  await world.reconcilePool();
  const zone = (await world.records()).find((record) => record.instanceId === instanceId)?.zone;
  const launches = world.ec2.launches.slice(before);
  expect(launches.map(({ subnetId, count }) => [`zone-of-${subnetId}`, count])).toEqual([[zone, 1]]);
});

describe("a new pool", () => {
  it("launches minStandby instances, each in its own slot", async () => {
    const world = await warmedUp({ table, spec: { poolSize: 5, minStandby: 3 } });
    expect((await world.records()).map(({ slot, instanceId }) => [slot, instanceId])).toEqual([
      [1, "i-00000001"],
      [2, "i-00000002"],
      [3, "i-00000003"],
    ]);
    expect(living(world).map(({ state }) => state)).toEqual(["stopped", "stopped", "stopped"]);
  });

  it("spreads over the zones of its class with one launch each", async () => {
    const world = await warmedUp({ table, subnets: 3, spec: { poolSize: 9, minStandby: 5 } });
    expect(world.ec2.launches.map(({ subnetId, count }) => [subnetId, count])).toEqual([
      ["subnet-0", 2],
      ["subnet-1", 2],
      ["subnet-2", 1],
    ]);
  });

  it("tags its instances as the cluster's, for cloud providers and load balancer controllers", async () => {
    const world = await warmedUp({ table });
    expect(world.ec2.launches[0]?.tags).toMatchObject({ [`kubernetes.io/cluster/${CLUSTER}`]: "owned" });
  });

  it("is replenished in proportion to the demand by zone, with at least one instance per zone", async () => {
    const world = createWorld({ table, subnets: 3, spec: { poolSize: 9, minStandby: 8 } });
    const zones = { "zone-of-subnet-1": { count: 9, at: world.now() } };
    await world.ports.zoneDemand.write(key(world), zones);
    await world.reconcilePool();
    const counts = Map.groupBy(await world.records(), ({ zone }) => zone);
    expect([...counts].map(([zone, { length }]) => [zone, length]).toSorted()).toEqual([
      ["zone-of-subnet-0", 1],
      ["zone-of-subnet-1", 6],
      ["zone-of-subnet-2", 1],
    ]);
  });

  it("gets its finalizer before the first launch", async () => {
    const world = createWorld({ table });
    world.interruptions.arm({ at: "kube.patch", kind: "crashes before" });
    await expect(world.reconcilePool()).rejects.toThrow();
    expect(world.ec2.instances.size).toBe(0);
    expect(await world.records()).toEqual([]);
    world.interruptions.disarm();
    expect(eventReasons(world)).toEqual([]);
    await world.reconcilePool();
    expect(poolOf(world)?.metadata.finalizers).toEqual(["stratos.sh/nodepool-finalizer"]);
    expect(world.enqueued).toContain(`nodeclass ${CLUSTER}/workers`);
  });

  it("launches nothing if it is deleted before it has its finalizer", async () => {
    const world = createWorld({ table });
    world.kube.beforeWrite = (path) => void world.kube.objects.delete(path);
    await expect(world.reconcilePool()).rejects.toThrow(/deleted before/);
    expect(world.ec2.instances.size).toBe(0);
    expect(await world.reconcilePool()).toEqual({ isGone: true });
  });

  it("reports its progress in status and events", async () => {
    const world = createWorld({ table });
    await world.reconcilePool();
    expect(poolOf(world)?.status).toMatchObject({ warmup: 2, standby: 0, total: 2, observedGeneration: 1 });
    expect(conditionOf(world, "Reconciling")).toMatchObject({ status: "True" });
    await reconcileUntil(world, "standby", async () => poolOf(world)?.status?.standby === 2);
    expect(conditionOf(world, "Ready")).toMatchObject({ status: "True", reason: "StandbyAvailable" });
    expect(conditionOf(world, "Reconciling")).toMatchObject({ status: "False" });
    expect(eventReasons(world)).toEqual(["Created", "Replenishing", "WarmupCompleted", "WarmupCompleted"]);
  });

  it("launches nothing without its class, and reports that", async () => {
    const world = createWorld({ table });
    world.kube.objects.delete(paths.nodeClass("workers"));
    await world.reconcilePool();
    expect(world.ec2.instances.size).toBe(0);
    expect(conditionOf(world, "Degraded")).toMatchObject({ status: "True", reason: "NodeClassNotFound" });
  });
});

describe("a launch", () => {
  it("has its slots and parameters stored before EC2 is called, and is repeated with both", async () => {
    const world = createWorld({ table });
    world.interruptions.arm({ at: "ec2.runInstances", kind: "crashes before" });
    await expect(world.reconcilePool()).rejects.toThrow();
    const before = await world.records();
    expect(before.map(({ state, instanceId }) => [state, instanceId])).toEqual([
      ["warmup", undefined],
      ["warmup", undefined],
    ]);
    world.interruptions.disarm();
    const stored = await world.ports.slots.readLaunch(key(world), before[0]?.token ?? "");
    await world.reconcilePool();
    expect(world.ec2.launches).toEqual([stored]);
    expect((await world.records()).map(({ instanceId }) => instanceId)).toEqual([...world.ec2.instances.keys()]);
    expect(await world.ports.slots.readLaunch(key(world), before[0]?.token ?? "")).toBeUndefined();
  });

  it("releases its slots if EC2 refuses it, and is reported and retried", async () => {
    const world = createWorld({ table });
    world.ec2.refusals.runInstances = refusal("InvalidParameterValue");
    await expect(world.reconcilePool()).rejects.toThrow(/launching 2 m5\.large in subnet-0: InvalidParameterValue/);
    expect(await world.records()).toEqual([]);
    expect(conditionOf(world, "Degraded")).toMatchObject({ status: "True", reason: "CloudProviderError" });
    expect(replenishments(world)).toEqual([]);
    delete world.ec2.refusals.runInstances;
    await world.reconcilePool();
    expect(await states(world)).toEqual(["warmup", "warmup"]);
    expect(replenishments(world)).toEqual(["launching 2; 0 of 2 are standby"]);
    expect(conditionOf(world, "Degraded")).toMatchObject({ status: "False" });
  });

  it("is reported if no offering has capacity, and retried when they are available again", async () => {
    const world = createWorld({ table });
    world.ec2.capacity.set("m5.large in zone-of-subnet-0", 0);
    await world.reconcilePool();
    await world.reconcilePool();
    expect(await world.records()).toEqual([]);
    expect(conditionOf(world, "Degraded")).toMatchObject({
      status: "True",
      reason: "InsufficientCapacity",
      message: "no capacity for 2 more: m5.large in zone-of-subnet-0",
    });
    expect(eventReasons(world).filter((reason) => reason === "InsufficientCapacity")).toHaveLength(1);
    world.ec2.capacity.clear();
    world.advance(181_000);
    await world.reconcilePool();
    expect(await states(world)).toEqual(["warmup", "warmup"]);
    expect(conditionOf(world, "Degraded")).toMatchObject({ status: "False" });
  });

  it("is reported with the number that EC2 has launched", async () => {
    const world = createWorld({ table });
    world.ec2.capacity.set("m5.large in zone-of-subnet-0", 1);
    await world.reconcilePool();
    expect(await states(world)).toEqual(["warmup"]);
    expect(replenishments(world)).toEqual(["launching 1; 0 of 2 are standby"]);
  });

  it("goes to other zones if one has no capacity", async () => {
    const world = createWorld({ table, subnets: 2, spec: { poolSize: 4, minStandby: 4 } });
    world.ec2.capacity.set("m5.large in zone-of-subnet-0", 1);
    await world.reconcilePool();
    const zones = (await world.records()).map(({ zone }) => zone);
    expect(zones.toSorted()).toEqual(["zone-of-subnet-0", ...Array(3).fill("zone-of-subnet-1")]);
  });

  it("uses the next instance type only if no zone has capacity for the first", async () => {
    const world = createWorld({ table, subnets: 2, spec: { poolSize: 4, minStandby: 4 } });
    world.kube.change(paths.nodeClass("workers"), { spec: { instanceTypes: ["m5.large", "m6i.large", "c5.large"] } });
    world.ec2.capacity.set("m5.large in zone-of-subnet-0", 0);
    world.ec2.capacity.set("m5.large in zone-of-subnet-1", 1);
    world.ec2.capacity.set("m6i.large in zone-of-subnet-1", 0);
    await world.reconcilePool();
    const offerings = (await world.records()).map(({ instanceType, zone }) => `${instanceType} in ${zone}`);
    expect(offerings.toSorted()).toEqual([
      "m5.large in zone-of-subnet-1",
      ...Array(3).fill("m6i.large in zone-of-subnet-0"),
    ]);
    expect(conditionOf(world, "Degraded")).toMatchObject({ status: "False" });
  });

  it("uses the subnets of a zone with the most free addresses, and those without any only if no zone has any", async () => {
    const launched = async (freeAddresses: readonly number[]) => {
      const world = createWorld({ table, spec: { poolSize: 9, minStandby: 6 } });
      const zones = ["a", "a", "b"];
      const resolvedSubnets = freeAddresses.map((free, index) => ({
        id: `subnet-${index}`,
        zone: zones[index],
        freeAddresses: free,
      }));
      world.kube.change(paths.nodeClass("workers"), { status: { resolvedSubnets } });
      await world.reconcilePool();
      return world.ec2.launches.map(({ subnetId, count }) => `${subnetId} ${count}`);
    };
    expect(await launched([3, 4000, 4000])).toEqual(["subnet-1 3", "subnet-2 3"]);
    expect(await launched([1, 2, 4000])).toEqual(["subnet-1 2", "subnet-2 3", "subnet-0 1"]);
    expect(await launched([0, 0, 4000])).toEqual(["subnet-2 6"]);
    expect(await launched([0, 0, 0])).toEqual(["subnet-0 3", "subnet-2 3"]);
  });

  it("uses another subnet of the zone if one has no free addresses", async () => {
    const world = createWorld({ table });
    const subnets = ["subnet-0", "subnet-9"].map((id) => ({ id, zone: "zone-of-subnet-0" }));
    world.kube.change(paths.nodeClass("workers"), { status: { resolvedSubnets: subnets } });
    const { runInstances } = world.ports.ec2;
    world.ports.ec2.runInstances = async (spec) => {
      if (spec.subnetId === "subnet-0") throw refusal("InsufficientFreeAddressesInSubnet");
      return runInstances(spec);
    };
    await world.reconcilePool();
    expect(world.ec2.launches.map(({ subnetId, count }) => [subnetId, count])).toEqual([["subnet-9", 2]]);
  });

  it("keeps its slots and token if it is throttled", async () => {
    const world = createWorld({ table });
    world.ec2.refusals.runInstances = refusal("RequestLimitExceeded");
    await expect(world.reconcilePool()).rejects.toThrow(/RequestLimitExceeded/);
    const tokens = (await world.records()).map(({ token }) => token);
    delete world.ec2.refusals.runInstances;
    await world.reconcilePool();
    expect(world.ec2.launches.map(({ clientToken }) => clientToken)).toEqual([tokens[0]]);
  });

  it("releases the remaining slots if it returns fewer instances than requested", async () => {
    const world = createWorld({ table });
    world.ec2.maxPerLaunch = 1;
    await world.reconcilePool();
    const records = await world.records();
    expect(records.map(({ instanceId }) => instanceId)).toEqual([...world.ec2.instances.keys()]);
    expect(living(world)).toHaveLength(2);
  });
});
