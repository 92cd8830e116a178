import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { refusal } from "../fake-ec2.ts";
import { addPendingPod, bindPod, CLUSTER, living, reconcileUntil, states, type World, warmedUp } from "../world.ts";

const ZONE = "zone-of-subnet-0";

const requestLaunch = (world: World, count: number, { zone = ZONE, seen = {} } = {}) =>
  world.ports.launchRequests.write(
    { cluster: CLUSTER, pool: world.pool },
    {
      id: `request-${world.now()}-${count}`,
      askedAt: world.now(),
      launches: [{ instanceType: "m5.large", zone, count, demandSince: world.now() }],
      seen,
    },
  );

const eventMessages = (world: World, reason: string) =>
  world.kube
    .in<{ reason: string; message: string }>(paths.events("default"))
    .filter((event) => event.reason === reason)
    .map(({ message }) => message);

describe("a launch request to a pool", () => {
  it("is fulfilled once, however often the pool reconciles", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await requestLaunch(world, 2);
    await world.reconcilePool();
    await world.reconcilePool();
    expect((await states(world)).toSorted()).toEqual(["standby", "standby", "warmup", "warmup"]);
    expect(eventMessages(world, "ScaleUp")).toEqual([
      `launching 2 of m5.large in ${ZONE} for pods that standby cannot serve`,
    ]);
  });

  it("launches nothing if demand had not yet seen the instances of the previous request", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await requestLaunch(world, 2);
    await world.reconcilePool();
    await requestLaunch(world, 2);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(4);
  });

  it("is fulfilled once by two concurrent reconciles", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await requestLaunch(world, 2);
    await Promise.allSettled([world.reconcilePool(), world.reconcilePool()]);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(4);
  });

  it("stays within poolSize", async () => {
    const world = await warmedUp({ spec: { poolSize: 3, minStandby: 2 } });
    await requestLaunch(world, 5);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(3);
  });

  it("brings standby if the instance powers itself off, and then enqueues demand", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await requestLaunch(world, 1);
    await world.reconcilePool();
    expect(world.enqueued).not.toContain(`demand ${CLUSTER}`);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby,standby");
    expect(world.enqueued).toContain(`demand ${CLUSTER}`);
  });

  const withSubnets = async (freeAddresses: readonly number[]) => {
    const world = await warmedUp({ spec: { poolSize: 9, minStandby: 1 } });
    const resolvedSubnets = freeAddresses.map((free, index) => ({
      id: `subnet-${index}`,
      zone: ZONE,
      freeAddresses: free,
    }));
    world.kube.change(paths.nodeClass("workers"), { status: { resolvedSubnets } });
    return world;
  };

  it("uses the zone's subnets with the most free addresses, each for as many instances as it has addresses for", async () => {
    const world = await withSubnets([1, 2, 0]);
    const pods = ["a", "b", "c", "d"].map((pod) => [`default/${pod}`]);
    const wanted = { instanceType: "m5.large", zone: ZONE, count: 4, demandSince: world.now(), pods };
    const request = { id: "request", askedAt: world.now(), launches: [wanted], seen: {} };
    await world.ports.launchRequests.write({ cluster: CLUSTER, pool: world.pool }, request);
    await world.reconcilePool();
    const launches = world.ec2.launches.slice(1).map(({ subnetId, count }) => `${subnetId} ${count}`);
    expect(launches).toEqual(["subnet-1 2", "subnet-0 1", "subnet-0 1"]);
    const remembered = (await world.records()).flatMap((record) => record.pods ?? []);
    expect(remembered).toEqual(["default/a", "default/b", "default/c", "default/d"]);
  });

  it("uses the zone's other subnets if one turns out to have too few addresses", async () => {
    const world = await withSubnets([40, 4000]);
    const { runInstances } = world.ports.ec2;
    world.ports.ec2.runInstances = async (spec) => {
      if (spec.subnetId === "subnet-1") throw refusal("InsufficientFreeAddressesInSubnet");
      return runInstances(spec);
    };
    await requestLaunch(world, 2);
    await world.reconcilePool();
    expect(world.ec2.launches.at(-1)).toMatchObject({ subnetId: "subnet-0", count: 2 });
    expect((await world.ports.unavailableOfferings.read(CLUSTER, world.now())).has("subnet subnet-1")).toBe(true);
  });

  it("marks an offering without capacity as unavailable, enqueues demand, and is not retried there", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 }, subnets: 2 });
    world.ec2.capacity.set(`m5.large in ${ZONE}`, 0);
    await requestLaunch(world, 1);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(2);
    expect(world.enqueued).toContain(`demand ${CLUSTER}`);
    expect(await world.ports.unavailableOfferings.read(CLUSTER, world.now())).toHaveProperty("size", 1);
    world.ec2.capacity.clear();
    await requestLaunch(world, 1);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(2);
  });
});

it("with ControllerStop, an instance launched for demand serves at once, and becomes standby after emptyNodeTTL", async () => {
  const world = await warmedUp({
    spec: { poolSize: 6, minStandby: 1, scaleDown: { emptyNodeTTL: "30s" } },
  });
  world.kube.change(paths.nodePool(world.pool), { spec: { preWarm: { completionMode: "ControllerStop" } } });
  await requestLaunch(world, 1);
  await reconcileUntil(world, "a running instance", async () => (await states(world)).includes("running"));
  const [record] = (await world.records()).filter(({ state }) => state === "running");
  const node = world.node(record?.instanceId ?? "");
  expect(node?.spec?.unschedulable).toBeFalsy();
  await reconcileUntil(world, "all standby", async () => (await states(world)).join() === "standby,standby");
});

describe("pods that standby cannot serve", () => {
  const withThreePods = async (spec: object = {}) => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 1, ...spec } });
    for (const name of ["a", "b", "c"]) addPendingPod(world, name, "2");
    await world.reconcileDemand();
    return world;
  };

  it("start all standby and have the rest launched once", async () => {
    const world = await withThreePods();
    await world.reconcilePool();
    for (let round = 0; round < 4; round += 1) {
      await world.reconcileDemand();
      await world.reconcilePool();
    }
    const found = await world.records();
    expect(found.filter(({ overflow }) => overflow).map(({ state }) => state)).toEqual(["warmup", "warmup"]);
    expect(found.filter(({ state }) => state === "running")).toHaveLength(1);
  });

  it("are served by the launched instances once these are standby", async () => {
    const world = await withThreePods();
    const served = async () => (await states(world)).filter((state) => state === "running").length === 3;
    const [[first = ""] = []] = world.ec2.starts;
    bindPod(world, "a", `node-${first}`);
    for (let round = 0; round < 40 && !(await served()); round += 1) {
      await world.reconcilePool();
      await world.reconcileDemand();
      world.advance();
    }
    expect(await served()).toBe(true);
    expect(world.ec2.starts.flat()).toHaveLength(3);
    expect((await world.records()).filter(({ overflow }) => overflow)).toHaveLength(2);
  });

  it("wait for standby if overflow is None", async () => {
    const world = await withThreePods({ scaleUp: { overflow: "None" } });
    await world.reconcilePool();
    expect((await world.records()).filter(({ overflow }) => overflow)).toEqual([]);
  });

  it("get the next instance type if the first has no capacity in any zone", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 1 }, subnets: 2 });
    world.kube.change(paths.nodeClass("workers"), { spec: { instanceTypes: ["m5.large", "m6i.large"] } });
    for (const zone of [0, 1]) world.ec2.capacity.set(`m5.large in zone-of-subnet-${zone}`, 0);
    addPendingPod(world, "a", "2");
    for (let round = 0; round < 6; round += 1) {
      await world.reconcileDemand();
      await world.reconcilePool();
    }
    const overflow = (await world.records()).filter((record) => record.overflow);
    expect(overflow.map(({ instanceType }) => instanceType)).toEqual(["m6i.large"]);
  });
});

it("a deleted pool leaves no launch request and no zone demand behind", async () => {
  const world = await warmedUp({ spec: { poolSize: 6, minStandby: 1 } });
  const key = { cluster: CLUSTER, pool: world.pool };
  for (const name of ["a", "b"]) addPendingPod(world, name, "2");
  await world.reconcileDemand();
  expect(await world.ports.launchRequests.read(key)).toBeDefined();
  expect(await world.ports.zoneDemand.read(key)).not.toEqual({});
  await world.kube.port.delete(paths.nodePool(world.pool));
  await reconcileUntil(world, "deletion", async () => world.kube.at(paths.nodePool(world.pool)) === undefined);
  await world.reconcilePool();
  expect(await world.ports.launchRequests.read(key)).toBeUndefined();
  expect(await world.ports.zoneDemand.read(key)).toEqual({});
});
