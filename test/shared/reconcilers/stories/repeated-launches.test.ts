/** Launches whose answer is lost: what they made is found, or the launch is repeated, and no slot is blocked or filled twice. */
import { describe, expect, it } from "vitest";
import type { Ec2 } from "../../../../shared/aws/ec2.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import { refusal } from "../fake-ec2.ts";
import { CLUSTER, createWorld, living, reconcileUntil, states, type World } from "../world.ts";

/** A pool of two, whose function crashes right after EC2 has launched both. */
const withLostAnswer = async (): Promise<World> => {
  const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
  world.interruptions.arm({ at: "ec2.runInstances", kind: "crashes after" });
  await expect(world.reconcilePool()).rejects.toThrow();
  world.interruptions.disarm();
  return world;
};

/** EC2 shows no instance, as right after a launch, or none by its token. */
const hideInstances = ({ ports: { ec2 } }: World, isHidden: (filter: object) => boolean = () => true): (() => void) => {
  const { describeInstances } = ec2;
  const lagging: Ec2["describeInstances"] = async (filter) => (isHidden(filter) ? [] : describeInstances(filter));
  Object.assign(ec2, { describeInstances: lagging });
  return () => void Object.assign(ec2, { describeInstances });
};

const reconcileFor = async (world: World, ms: number): Promise<void> => {
  for (let passed = 0; passed < ms; passed += 10_000) {
    await world.reconcilePool().catch(() => {});
    world.advance();
  }
};

describe("a launch whose answer is lost", () => {
  it("is not repeated if EC2 shows what it made", async () => {
    const world = await withLostAnswer();
    await world.reconcilePool();
    expect(world.ec2.launches).toHaveLength(1);
    expect((await world.records()).map(({ instanceId }) => instanceId)).toEqual(["i-00000001", "i-00000002"]);
  });

  it("keeps its slots if the repeated call is refused", async () => {
    const world = await withLostAnswer();
    const show = hideInstances(world);
    world.ec2.refusals.runInstances = refusal("AuthFailure");
    await reconcileFor(world, 30_000);
    delete world.ec2.refusals.runInstances;
    await reconcileFor(world, 30_000);
    show();
    await reconcileFor(world, 300_000);
    expect(living(world)).toHaveLength(2);
    expect(await states(world)).toEqual(["standby", "standby"]);
  });

  it("keeps its slots if demand was faster with one of the records, and the instances do not show yet", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    hideInstances(world);
    const { slots } = world.ports;
    const { write } = slots;
    Object.assign(slots, {
      write: async (...[key, record, change]: Parameters<typeof write>) => {
        // Demand records the pods that it plans on a slot whose instance is being launched.
        if (change.set?.instanceId === "i-00000001" && record.pods === undefined)
          await write(key, record, { set: { pods: ["default/web"] } });
        return write(key, record, change);
      },
    });
    await world.reconcilePool();
    expect((await world.records()).map(({ instanceId, pods }) => [instanceId, pods])).toEqual([
      ["i-00000001", ["default/web"]],
      ["i-00000002", undefined],
    ]);
    expect(living(world)).toHaveLength(2);
  });

  it("keeps its slot if the table refuses to record the instance", async () => {
    const world = createWorld({ spec: { poolSize: 1, minStandby: 1 } });
    const { slots } = world.ports;
    const { write } = slots;
    Object.assign(slots, {
      write: () => Promise.reject(Object.assign(refusal("AccessDeniedException"), { $fault: "client" })),
    });
    await expect(world.reconcilePool()).rejects.toThrow("AccessDeniedException");
    Object.assign(slots, { write });
    expect(await states(world)).toEqual(["warmup"]);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby");
    expect(living(world)).toHaveLength(1);
  });

  it("leaves no parameters behind once its instance is gone", async () => {
    const world = createWorld({ spec: { poolSize: 1, minStandby: 1 } });
    world.interruptions.arm({ at: "slots.dropLaunch", kind: "crashes before" });
    await expect(world.reconcilePool()).rejects.toThrow();
    world.interruptions.disarm();
    const [{ token, instanceId = "" } = { token: "" }] = await world.records();
    const launch = () => world.ports.slots.readLaunch({ cluster: CLUSTER, pool: world.pool }, token);
    expect(await launch()).toBeDefined();
    world.ec2.faults.terminate(instanceId);
    await reconcileUntil(world, "a replacement", async () => (await world.records())[0]?.token !== token);
    expect(await launch()).toBeUndefined();
  });

  it("gives up its slots if EC2 shows nothing for five minutes", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    world.interruptions.arm({ at: "ec2.runInstances", kind: "crashes before" });
    await expect(world.reconcilePool()).rejects.toThrow();
    world.interruptions.disarm();
    world.advance(300_000);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby");
    expect(world.ec2.launches.map(({ clientToken }) => clientToken)).not.toContain(`stratos-${world.pool}-1`);
  });

  it("does not put an instance into two slots", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    world.interruptions.arm({ at: "slots.write", kind: "crashes after" });
    await expect(world.reconcilePool()).rejects.toThrow();
    world.interruptions.disarm();
    const show = hideInstances(world, (filter) => "clientToken" in filter);
    world.ec2.refusals.runInstances = refusal("RequestLimitExceeded");
    await reconcileFor(world, 60_000);
    expect((await world.records()).map(({ instanceId, state }) => [instanceId, state])).toEqual([
      ["i-00000001", "standby"],
      [undefined, "warmup"],
    ]);
    delete world.ec2.refusals.runInstances;
    await reconcileFor(world, 20_000);
    show();
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby");
    const ids = (await world.records()).map(({ instanceId }) => instanceId);
    expect(new Set(ids).size).toBe(2);
  });

  it("does not block the slot of its second instance if the first is terminated", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    world.interruptions.arm({ at: "slots.write", kind: "crashes after" });
    await expect(world.reconcilePool()).rejects.toThrow();
    world.interruptions.disarm();
    world.ec2.change("i-00000001", { state: "terminated" });
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby");
    expect(living(world)).toHaveLength(2);
  });
});

describe("a deleted pool", () => {
  it("does not wait for a launch that was never carried out, and does not repeat it", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    world.interruptions.arm({ at: "ec2.runInstances", kind: "crashes before" });
    await expect(world.reconcilePool()).rejects.toThrow();
    world.interruptions.disarm();
    await world.kube.port.delete(paths.nodePool(world.pool));
    await world.reconcilePool();
    await world.reconcilePool();
    expect(world.kube.at(paths.nodePool(world.pool))).toBeUndefined();
    expect(world.ec2.instances.size).toBe(0);
  });

  it("terminates what a launch without an answer has made", async () => {
    const world = await withLostAnswer();
    await world.kube.port.delete(paths.nodePool(world.pool));
    await reconcileUntil(world, "deletion", () => world.kube.at(paths.nodePool(world.pool)) === undefined);
    expect(living(world)).toEqual([]);
    expect(await world.records()).toEqual([]);
  });
});
