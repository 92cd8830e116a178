/** EC2 refuses stops, stops slowly, shows old states, and is shared with other users of the account. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { createPoolReconcile } from "../../../../shared/reconcilers/pool/reconcile.ts";
import { anAddress } from "../../bootstrap/builders.ts";
import {
  addPendingPod,
  bindPod,
  CLUSTER,
  createWorld,
  reconcileUntil,
  states,
  type World,
  warmedUp,
} from "../world.ts";

const messages = ({ kube }: World) =>
  kube.in<{ message: string }>(paths.events("default")).map(({ message }) => message);

/** Reconciles for the time. Returns how many reconciles of the pool failed. */
const reconcileFor = async (world: World, ms: number, intervalMs = 10_000): Promise<number> => {
  let failed = 0;
  for (let passed = 0; passed < ms; passed += intervalMs) {
    await world.reconcileDemand();
    await world.reconcilePool().catch(() => {
      failed += 1;
    });
    world.advance(intervalMs);
  }
  return failed;
};

/** A pool whose nodes are all in use, one pod on each. */
const inUse = async (count: number): Promise<World> => {
  const world = await warmedUp({
    spec: { poolSize: count, minStandby: count, scaleDown: { emptyNodeTTL: "30s" } },
  });
  for (let index = 0; index < count; index += 1) addPendingPod(world, `pod-${index}`, "1500m");
  await world.reconcileDemand();
  await reconcileUntil(world, "open nodes", () => world.ec2.inState("running").length === count);
  for (const [index, { instanceId }] of world.ec2.inState("running").entries())
    bindPod(world, `pod-${index}`, `node-${instanceId}`);
  await world.reconcilePool();
  return world;
};

const endPods = (world: World, count: number): void => {
  for (let index = 0; index < count; index += 1) world.kube.objects.delete(paths.pod("default", `pod-${index}`));
};

describe("an instance with stop protection", () => {
  const withProtected = async () => {
    const world = await inUse(3);
    world.ec2.faults.protectStop("i-00000001", true);
    endPods(world, 3);
    return world;
  };

  it("does not keep the others from being stopped", async () => {
    const world = await withProtected();
    await reconcileFor(world, 300_000);
    expect(world.ec2.inState("stopped").map(({ instanceId }) => instanceId)).toEqual(["i-00000002", "i-00000003"]);
  });

  it("does not make every reconcile of its pool fail", async () => {
    const world = await withProtected();
    expect(await reconcileFor(world, 600_000)).toBeLessThan(5);
  });

  it("is reported in the pool's status", async () => {
    const world = await withProtected();
    await reconcileFor(world, 300_000);
    const conditions = world.kube.at<NodePool>(paths.nodePool(world.pool))?.status?.conditions;
    expect(conditions?.find(({ type }) => type === "Degraded")).toMatchObject({
      status: "True",
      message: expect.stringContaining("OperationNotPermitted"),
    });
  });

  it("returns to standby once the protection is off", async () => {
    const world = await withProtected();
    await reconcileFor(world, 300_000);
    world.ec2.faults.protectStop("i-00000001", false);
    await reconcileFor(world, 300_000);
    expect(await states(world)).toEqual(["standby", "standby", "standby"]);
  });
});

describe("a stop", () => {
  it("that hangs is forced, and the instance is standby again", async () => {
    const world = await inUse(2);
    world.ec2.faults.hangStops(["i-00000001"]);
    endPods(world, 2);
    await reconcileFor(world, 900_000);
    expect(await states(world)).toEqual(["standby", "standby"]);
    expect(messages(world)).toContain("i-00000001 has not stopped within 10 min; forcing it");
  });

  it("that takes minutes is waited for", async () => {
    const world = await inUse(2);
    world.ec2.faults.slowStops(300_000);
    endPods(world, 2);
    await reconcileFor(world, 600_000);
    expect(await states(world)).toEqual(["standby", "standby"]);
    expect(messages(world).filter((message) => message.includes("forcing"))).toEqual([]);
  });
});

describe("reads that lag behind EC2", () => {
  it("do not look like starts and stops by somebody else [lagReads]", async () => {
    const world = createWorld({ spec: { poolSize: 10, minStandby: 0 } });
    world.ec2.faults.lagReads(45_000);
    for (const minStandby of [2, 4, 6, 8, 10]) {
      world.kube.change(paths.nodePool(world.pool), { spec: { minStandby } });
      await reconcileFor(world, 120_000, 5000);
    }
    expect(messages(world).filter((message) => message.includes("from outside"))).toEqual([]);
  });

  it("do not keep the pool from its standby", async () => {
    const world = createWorld({ spec: { poolSize: 8, minStandby: 8 } });
    world.ec2.faults.lagReads(45_000);
    await reconcileFor(world, 300_000, 5000);
    world.ec2.faults.lagReads(0);
    await reconcileFor(world, 300_000, 5000);
    expect(world.ec2.instances.size).toBe(8);
    expect(world.ec2.inState("stopped")).toHaveLength(8);
  });

  it("do not repeat a start that EC2 has accepted [lagReads]", async () => {
    const world = await warmedUp({ spec: { poolSize: 4, minStandby: 4 } });
    world.ec2.faults.lagReads(45_000);
    for (let index = 0; index < 4; index += 1) addPendingPod(world, `pod-${index}`, "1500m");
    await reconcileFor(world, 60_000, 5000);
    expect(world.ec2.starts.flat().toSorted()).toEqual(["i-00000001", "i-00000002", "i-00000003", "i-00000004"]);
  });
});

it("nodes that run pods are not stopped because reads lag", async () => {
  const world = await warmedUp({ spec: { poolSize: 8, minStandby: 8 } });
  world.ec2.faults.lagReads(45_000);
  for (let index = 0; index < 4; index += 1) addPendingPod(world, `pod-${index}`, "1500m");
  for (let seconds = 0; seconds < 300; seconds += 5) {
    await reconcileFor(world, 5000, 5000);
    const open = [...world.ec2.instances.keys()].filter((id) => world.node(id)?.spec?.taints?.length === 0);
    for (const [index, id] of open.slice(0, 4).entries()) bindPod(world, `pod-${index}`, `node-${id}`);
  }
  expect(world.interruptions.calls.filter((call) => call === "ec2.stopInstances")).toEqual([]);
});

it("a launch in an IPv6 cluster asks for an IPv6 address", async () => {
  const world = createWorld();
  const address = async () => anAddress({ name: CLUSTER, serviceCidr: "fd12:3456::/108" });
  const reconcile = createPoolReconcile({ ...world.ports, address });
  await reconcile({ key: `${CLUSTER}/${world.pool}`, fence: 1, now: world.now, assertHeld: () => {} });
  expect(world.ec2.launches[0]).toMatchObject({ options: { ipv6AddressCount: 1 } });
});

it("a burst is started within a minute while other users empty the account's bucket of StartInstances", async () => {
  const world = await warmedUp({ subnets: 3, spec: { poolSize: 30, minStandby: 30 } });
  world.ec2.faults.otherUsers("StartInstances", 20);
  for (let index = 0; index < 30; index += 1) addPendingPod(world, `pod-${index}`, "1500m");
  await reconcileFor(world, 60_000, 1000);
  expect(new Set(world.ec2.starts.flat()).size).toBe(30);
});
