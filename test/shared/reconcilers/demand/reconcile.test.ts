import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { startTable, type TestTable } from "../../dynamo.ts";
import { INTERRUPTION_KINDS, interruptEveryCall, recoverUntil } from "../every-call.ts";
import { refusal } from "../fake-ec2.ts";
import { addPendingPod, aPool, CLUSTER, living, states, type World, warmedUp } from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

const withPods = async (count: number, options: Parameters<typeof warmedUp>[0] = {}): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 6, minStandby: 4 }, ...options });
  for (let pod = 1; pod <= count; pod += 1) addPendingPod(world, `pod-${pod}`, "2");
  return world;
};

const openNodes = (world: World) =>
  living(world).filter(({ instanceId }) => world.node(instanceId)?.spec?.unschedulable !== true);

const eventsOf = (world: World, reason: string) =>
  world.kube.in<{ reason: string }>("/api/v1/events").filter((event) => event.reason === reason);

describe("unschedulable pods", () => {
  it("start exactly the instances they need, in one call", async () => {
    const world = await withPods(3, { table });
    await world.reconcileDemand();
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([3]);
    expect((await states(world)).toSorted()).toEqual(["running", "running", "running", "standby"]);
    expect(world.enqueued).toContain(`pool ${CLUSTER}/${world.pool}`);
  });

  it("start the instances of each zone by a separate call", async () => {
    const world = await withPods(4, { table, subnets: 2 });
    await world.reconcileDemand();
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([2, 2]);
  });

  it("have their nodes uncordoned while the instances boot", async () => {
    const world = await withPods(2, { table });
    await world.reconcileDemand();
    expect(openNodes(world).map(({ instanceId }) => instanceId)).toEqual(world.ec2.starts.flat());
    for (const { instanceId } of openNodes(world)) {
      expect(world.node(instanceId)?.spec?.taints).toEqual([
        { key: "stratos.sh/not-ready", value: "true", effect: "NoSchedule" },
      ]);
      expect(world.node(instanceId)?.metadata.annotations).toHaveProperty("stratos.sh/scale-up-started");
    }
  });

  it("start no further instance while the started ones boot", async () => {
    const world = await withPods(2, { table });
    for (let count = 0; count < 3; count += 1) {
      await world.reconcileDemand();
      world.advance(15_000);
    }
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([2]);
  });

  it("wait for a started node whose network takes long to become ready", async () => {
    const world = await withPods(1, { table });
    await world.reconcileDemand();
    for (let count = 0; count < 3; count += 1) {
      world.advance(30_000);
      await world.reconcileDemand();
    }
    expect(world.ec2.starts).toHaveLength(1);
  });

  it("are remembered by the nodes that are started for them", async () => {
    const world = await withPods(2, { table });
    await world.reconcileDemand();
    const running = (await world.records()).filter(({ state }) => state === "running");
    expect(running.flatMap(({ pods = [] }) => pods).toSorted()).toEqual(["default/pod-1", "default/pod-2"]);
  });

  it("are remembered by a node that was started for others, if they find room there while it boots", async () => {
    const world = await withPods(0, { table });
    addPendingPod(world, "first", "1");
    await world.reconcileDemand();
    addPendingPod(world, "second", "1");
    await world.reconcileDemand();
    const running = (await world.records()).filter(({ state }) => state === "running");
    expect(running.map(({ pods }) => pods)).toEqual([["default/first", "default/second"]]);
  });

  it("are remembered by the instances that are launched for them, which keep their pods until they serve", async () => {
    const spec = { poolSize: 6, minStandby: 0, preWarm: { completionMode: "ControllerStop" } } as const;
    const world = await withPods(0, { table, spec });
    for (const name of ["pod-1", "pod-2"]) addPendingPod(world, name, "2");
    await world.reconcileDemand();
    const remembered = async () => (await world.records()).map(({ pods }) => pods).toSorted();
    for (let count = 0; count < 4; count += 1) {
      await world.reconcilePool();
      await world.reconcileDemand();
      expect(await remembered()).toEqual([["default/pod-1"], ["default/pod-2"]]);
      world.advance(5_000);
    }
    expect(await states(world)).toEqual(["running", "running"]);
  });

  it.each([
    { left: "no pod", serve: ["pod-1", "pod-2"] },
    { left: "a pod that standby serves", serve: ["pod-2"] },
  ])("have launches requested, which are withdrawn once only $left is left", async ({ serve }) => {
    const world = await withPods(2, { table, spec: { poolSize: 6, minStandby: 1 } });
    const key = { cluster: CLUSTER, pool: world.pool };
    await world.reconcileDemand();
    expect((await world.ports.launchRequests.read(key))?.launches).toHaveLength(1);
    for (const name of serve) world.kube.objects.delete(paths.pod("default", name));
    await world.reconcileDemand();
    expect(await world.ports.launchRequests.read(key)).toBeUndefined();
    await world.reconcilePool();
    expect((await world.records()).filter(({ overflow }) => overflow)).toEqual([]);
  });

  it.each<[string, Partial<NodePool["spec"]>]>([
    ["quantity", { scaleUp: { defaultPodResources: { requests: { cpu: "1e9999" } } } }],
    ["duration", { maxNodeRuntime: "soon" }],
  ])("are served although another pool's spec has an unreadable %s", async (_, spec) => {
    const world = await withPods(1, { table });
    world.kube.put(paths.nodePool("other"), aPool("other", spec));
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("wait for the started node, and get another once the pool has found that it does not run", async () => {
    const world = await withPods(1, { table });
    await world.reconcileDemand();
    const [first = ""] = world.ec2.starts.flat();
    world.ec2.change(first, { state: "stopped" });
    world.advance(61_000);
    world.ec2.change(first, { state: "stopped" });
    await world.reconcileDemand();
    expect(world.ec2.starts).toHaveLength(1);
    await world.reconcilePool();
    await world.reconcileDemand();
    expect(world.ec2.starts).toHaveLength(2);
  });

  it("do not start an instance whose record has changed meanwhile", async () => {
    const world = await withPods(2, { table });
    const { write } = world.ports.slots;
    let changed = "";
    world.ports.slots.write = async (at, record, change) => {
      if (!changed) {
        changed = record.instanceId ?? "";
        await write(at, record, { move: { to: "terminating", reason: "StartedFromOutside", now: world.now() } });
      }
      return write(at, record, change);
    };
    await world.reconcileDemand();
    expect(world.ec2.starts).toHaveLength(1);
    expect(world.ec2.starts.flat()).toHaveLength(1);
    expect(world.ec2.starts.flat()).not.toContain(changed);
  });

  it("are served by the instances whose records could be written", async () => {
    const world = await withPods(3, { table });
    world.interruptions.arm({ at: "slots.write", kind: "fails before" });
    await expect(world.reconcileDemand()).rejects.toThrow(/slots\.write/);
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([2]);
  });

  it("get their instance started by the pool reconciler if the call of demand failed", async () => {
    const world = await withPods(1, { table });
    world.ec2.refusals.startInstances = refusal("RequestLimitExceeded");
    await expect(world.reconcileDemand()).rejects.toThrow(/starting i-\d+ \(m5\.large in .*\): .*RequestLimit/);
    const [record] = (await world.records()).filter(({ state }) => state === "running");
    delete world.ec2.refusals.startInstances;
    await recoverUntil(world, world.reconcilePool, async () => world.ec2.starts.length > 0);
    expect(world.ec2.starts).toEqual([[record?.instanceId]]);
  });

  it("are served by another instance if EC2 has no capacity for the recorded one", async () => {
    const world = await withPods(1, { table, subnets: 2 });
    world.ec2.refusals.startInstances = refusal("RequestLimitExceeded");
    await expect(world.reconcileDemand()).rejects.toThrow(/RequestLimit/);
    delete world.ec2.refusals.startInstances;
    const [recorded] = (await world.records()).filter(({ state }) => state === "running");
    world.ec2.capacity.set(`m5.large in ${recorded?.zone}`, 0);
    world.advance(11_000);
    await world.reconcilePool();
    expect(await states(world)).not.toContain("running");
    expect(world.node(recorded?.instanceId ?? "")?.spec?.unschedulable).toBe(true);
    expect(world.enqueued).toContain(`demand ${CLUSTER}`);
    await world.reconcileDemand();
    const zones = world.ec2.starts.flat().map((id) => world.ec2.instances.get(id)?.zone);
    expect(zones).toHaveLength(1);
    expect(zones).not.toContain(recorded?.zone);
  });

  it("are served from another zone if one has no capacity, and started instances keep running", async () => {
    const world = await withPods(3, { table, subnets: 2 });
    world.ec2.capacity.set("m5.large in zone-of-subnet-0", 1);
    await world.reconcileDemand();
    const zones = world.ec2.inState("pending").map(({ zone }) => zone);
    expect(zones.toSorted()).toEqual(["zone-of-subnet-0", "zone-of-subnet-1", "zone-of-subnet-1"]);
    expect((await states(world)).toSorted()).toEqual(["running", "running", "running", "standby"]);
    expect(openNodes(world)).toHaveLength(3);
    expect(eventsOf(world, "InsufficientCapacity")).toHaveLength(1);
  });

  it("do not start instances of an offering without capacity for three minutes", async () => {
    const world = await withPods(1, { table });
    world.ec2.capacity.set("m5.large in zone-of-subnet-0", 0);
    await world.reconcileDemand();
    expect(await states(world)).toEqual(["standby", "standby", "standby", "standby"]);
    world.ec2.capacity.clear();
    world.advance(170_000);
    await world.reconcileDemand();
    expect(world.ec2.starts).toEqual([]);
    world.advance(11_000);
    await world.reconcileDemand();
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([1]);
  });

  it("are counted per zone, which weighs the zones when standby is replenished", async () => {
    const world = await withPods(3, { table, subnets: 2 });
    await world.reconcileDemand();
    const zones = await world.ports.zoneDemand.read({ cluster: CLUSTER, pool: world.pool });
    expect(
      Object.values(zones)
        .map(({ count }) => count)
        .toSorted(),
    ).toEqual([1, 2]);
  });

  it("are served by another instance if the chosen one cannot be started", async () => {
    const world = await withPods(1, { table });
    const [first] = living(world);
    world.ec2.change(first?.instanceId ?? "", { state: "stopping" });
    await world.reconcileDemand();
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([1]);
    expect(world.ec2.starts.flat()).not.toContain(first?.instanceId);
    expect((await states(world)).toSorted()).toEqual(["running", "standby", "standby", "standby"]);
  });

  it("wake a pool whose standby does not suffice", async () => {
    const world = await withPods(5, { table });
    await world.reconcileDemand();
    expect(world.ec2.starts.map((ids) => ids.length)).toEqual([4]);
    expect(world.enqueued).toContain(`pool ${CLUSTER}/${world.pool}`);
  });

  it("start nothing in a pool that is being deleted", async () => {
    const world = await withPods(1, { table });
    await world.kube.port.delete(paths.nodePool(world.pool));
    await world.reconcileDemand();
    expect(world.ec2.starts).toEqual([]);
  });
});

it.each(INTERRUPTION_KINDS)("if demand %s a call, the next reconciles complete what was decided", async (kind) => {
  const isServed = (world: World) => async () => {
    const running = (await world.records()).filter(({ state }) => state === "running");
    const on = running.every(({ instanceId }) => world.ec2.instances.get(instanceId ?? "")?.state === "running");
    return running.length === 2 && on && openNodes(world).length === 2;
  };
  const both = (world: World) => async () => {
    await world.reconcileDemand().catch(() => {});
    if (world.interruptions.hasHappened()) world.interruptions.disarm();
    await world.reconcilePool();
  };
  const calls = await interruptEveryCall(
    kind,
    () => withPods(2),
    async (world) => {
      await world.reconcileDemand().catch(() => {});
      const wasInterrupted = world.interruptions.hasHappened();
      world.interruptions.disarm();
      await recoverUntil(world, both(world), isServed(world));
      expect(wasInterrupted || world.ec2.starts.length === 1).toBe(true);
      expect(new Set(world.ec2.starts.flat()).size).toBe(2);
    },
  );
  expect(calls).toBeGreaterThan(10);
});
