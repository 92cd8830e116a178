import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { addPendingPod, CLUSTER, living, reconcileUntil, states, type World, warmedUp } from "../world.ts";

const ZONE = "zone-of-subnet-0";

const ask = (world: World, count: number, { zone = ZONE, seen = {} } = {}) =>
  world.ports.launchRequests.write(
    { cluster: CLUSTER, pool: world.pool },
    {
      id: `request-${world.now()}-${count}`,
      askedAt: world.now(),
      launches: [{ instanceType: "m5.large", zone, count, demandSince: world.now() }],
      seen,
    },
  );

const said = (world: World, reason: string) =>
  world.kube
    .in<{ reason: string; message: string }>(paths.events("default"))
    .filter((event) => event.reason === reason)
    .map(({ message }) => message);

describe("a pool that is asked for more than its standby", () => {
  it("launches it once, however often it is looked at", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await ask(world, 2);
    await world.reconcilePool();
    await world.reconcilePool();
    expect((await states(world)).toSorted()).toEqual(["standby", "standby", "warmup", "warmup"]);
    expect(said(world, "ScaleUp")).toEqual([`launching 2 of m5.large in ${ZONE} for pods that standby cannot serve`]);
  });

  it("launches nothing for a request made before demand had seen the answer to the last one", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await ask(world, 2);
    await world.reconcilePool();
    await ask(world, 2);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(4);
  });

  it("lets two of its own looks at once answer one request", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await ask(world, 2);
    await Promise.allSettled([world.reconcilePool(), world.reconcilePool()]);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(4);
  });

  it("keeps to poolSize", async () => {
    const world = await warmedUp({ spec: { poolSize: 3, minStandby: 2 } });
    await ask(world, 5);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(3);
  });

  it("has what powers itself off become standby, and then has demand look again", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 } });
    await ask(world, 1);
    await world.reconcilePool();
    expect(world.woken).not.toContain(`demand ${CLUSTER}`);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby,standby");
    expect(world.woken).toContain(`demand ${CLUSTER}`);
  });

  it("marks a place without capacity, has demand decide anew, and asks EC2 no more", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 2 }, subnets: 2 });
    world.ec2.room.set(`m5.large in ${ZONE}`, 0);
    await ask(world, 1);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(2);
    expect(world.woken).toContain(`demand ${CLUSTER}`);
    expect(await world.ports.unavailableOfferings.read(CLUSTER, world.now())).toHaveProperty("size", 1);
    world.ec2.room.clear();
    await ask(world, 1);
    await world.reconcilePool();
    expect(living(world)).toHaveLength(2);
  });
});

it("an instance that the controller stops serves at once instead, and is standby after it was empty", async () => {
  const world = await warmedUp({
    spec: { poolSize: 6, minStandby: 1, scaleDown: { emptyNodeTTL: "30s" } },
  });
  world.kube.change(paths.nodePool(world.pool), { spec: { preWarm: { completionMode: "ControllerStop" } } });
  await ask(world, 1);
  await reconcileUntil(world, "serving", async () => (await states(world)).includes("running"));
  const [record] = (await world.records()).filter(({ state }) => state === "running");
  const node = world.node(record?.instanceId ?? "");
  expect(node?.spec?.unschedulable).toBeFalsy();
  await reconcileUntil(world, "at rest", async () => (await states(world)).join() === "standby,standby");
});

describe("pods beyond standby", () => {
  const beyond = async (spec: object = {}) => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 1, ...spec } });
    for (const name of ["a", "b", "c"]) addPendingPod(world, name, "2");
    await world.reconcileDemand();
    return world;
  };

  it("start what is standby and have the rest launched, once", async () => {
    const world = await beyond();
    await world.reconcilePool();
    for (let look = 0; look < 4; look += 1) {
      await world.reconcileDemand();
      await world.reconcilePool();
    }
    const found = await world.records();
    expect(found.filter(({ overflow }) => overflow).map(({ state }) => state)).toEqual(["warmup", "warmup"]);
    expect(found.filter(({ state }) => state === "running")).toHaveLength(1);
  });

  it("are served by what was launched for them once it is standby", async () => {
    const world = await beyond();
    const served = async () => (await states(world)).filter((state) => state === "running").length === 3;
    for (let look = 0; look < 40 && !(await served()); look += 1) {
      await world.reconcilePool();
      await world.reconcileDemand();
      world.advance();
    }
    expect(await served()).toBe(true);
    expect(world.ec2.starts.flat()).toHaveLength(3);
    expect((await world.records()).filter(({ overflow }) => overflow)).toHaveLength(2);
  });

  it("wait for standby where overflow is None", async () => {
    const world = await beyond({ scaleUp: { overflow: "None" } });
    await world.reconcilePool();
    expect((await world.records()).filter(({ overflow }) => overflow)).toEqual([]);
  });

  it("go on to another type where the first is nowhere to be had", async () => {
    const world = await warmedUp({ spec: { poolSize: 6, minStandby: 1 }, subnets: 2 });
    world.kube.change(paths.nodeClass("workers"), { spec: { instanceTypes: ["m5.large", "m6i.large"] } });
    for (const zone of [0, 1]) world.ec2.room.set(`m5.large in zone-of-subnet-${zone}`, 0);
    addPendingPod(world, "a", "2");
    for (let look = 0; look < 6; look += 1) {
      await world.reconcileDemand();
      await world.reconcilePool();
    }
    const overflow = (await world.records()).filter((record) => record.overflow);
    expect(overflow.map(({ instanceType }) => instanceType)).toEqual(["m6i.large"]);
  });
});

it("a pool that is gone leaves no request and no demand by zone behind", async () => {
  const world = await warmedUp({ spec: { poolSize: 6, minStandby: 1 } });
  const key = { cluster: CLUSTER, pool: world.pool };
  for (const name of ["a", "b"]) addPendingPod(world, name, "2");
  await world.reconcileDemand();
  expect(await world.ports.launchRequests.read(key)).toBeDefined();
  expect(await world.ports.zoneDemand.read(key)).not.toEqual({});
  await world.kube.port.delete(paths.nodePool(world.pool));
  await reconcileUntil(world, "gone", async () => world.kube.at(paths.nodePool(world.pool)) === undefined);
  await world.reconcilePool();
  expect(await world.ports.launchRequests.read(key)).toBeUndefined();
  expect(await world.ports.zoneDemand.read(key)).toEqual({});
});
