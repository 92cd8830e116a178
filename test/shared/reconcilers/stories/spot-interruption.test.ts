import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { onInstanceEvent } from "../../../../shared/reconcilers/on-instance-event.ts";
import { interruptEveryCall, recoverUntil } from "../every-call.ts";
import { addPendingPod, bindPod, CLUSTER, living, reconcileUntil, type World, withNodeInUse } from "../world.ts";

const WARNING = "EC2 Spot Instance Interruption Warning";

/** A node with a pod, as if it was a spot node; the others are standby. */
const withSpotNode = async (poolSize = 3) => {
  const { world, instanceId } = await withNodeInUse({ spec: { poolSize, minStandby: poolSize - 1 } });
  world.ec2.change(instanceId, { spot: true });
  await reconcileUntil(world, "standby", async () => {
    const others = await statesBut(world, instanceId);
    return others.length === poolSize - 1 && others.every((state) => state === "standby");
  });
  world.enqueued.length = 0;
  return { world, instanceId, startsBefore: world.ec2.starts.length, at: world.now() };
};

const statesBut = async (world: World, instanceId: string) =>
  (await world.records()).filter((record) => record.instanceId !== instanceId).map(({ state }) => state);

/** `at`: when EC2 sent it. */
const sendNotice = (world: World, instanceId: string, at: number, type = WARNING) => {
  const event = {
    source: "aws.ec2",
    "detail-type": type,
    time: new Date(at).toISOString(),
    detail: { "instance-id": instanceId },
  };
  const findPool = async (id: string) =>
    (await world.records()).some((record) => record.instanceId === id)
      ? { cluster: CLUSTER, pool: world.pool }
      : undefined;
  return onInstanceEvent({ ...world.ports, findPool }, event, world.now());
};

const hasPod = ({ kube }: World, name: string): boolean => kube.at(paths.pod("default", name)) !== undefined;
const isDraining = (world: World, instanceId: string) => world.node(instanceId)?.spec?.unschedulable === true;
const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;
const interruptionEvents = ({ kube }: World) =>
  kube.in<{ reason: string }>(paths.events("default")).filter(({ reason }) => reason === "SpotInterruption").length;

describe("an interruption warning", () => {
  it("starts standby for the node's pods before they leave, and ends in a pool without the spot instance", async () => {
    const { world, instanceId, startsBefore, at } = await withSpotNode();
    await sendNotice(world, instanceId, at);
    expect(world.enqueued).toEqual([`demand ${CLUSTER}`, `pool ${CLUSTER}/${world.pool}`]);
    await world.reconcileDemand();
    await world.reconcilePool();
    const [started = []] = world.ec2.starts.slice(startsBefore);
    expect(started).toHaveLength(1);
    expect([isDraining(world, instanceId), hasPod(world, "pod")]).toEqual([true, true]);

    await reconcileUntil(world, "an eviction", () => !hasPod(world, "pod"));
    expect(world.node(started[0] ?? "")?.spec?.taints).toEqual([]);
    expect(world.now()).toBeLessThan(at + 40_000);
    addPendingPod(world, "successor");
    await world.reconcileDemand();
    bindPod(world, "successor", `node-${started[0]}`);

    await reconcileUntil(world, "a release", async () => (await statesBut(world, instanceId)).length === 3);
    expect([stateOf(world, instanceId), world.node(instanceId)]).toEqual(["terminated", undefined]);
    expect(await world.notices()).toEqual([]);
    expect(world.ec2.starts.slice(startsBefore).flat()).toEqual(started);
  });

  it("that comes again changes nothing", async () => {
    const { world, instanceId, startsBefore, at } = await withSpotNode();
    for (let count = 0; count < 3; count += 1) {
      await sendNotice(world, instanceId, at);
      await world.reconcileDemand();
      await world.reconcilePool();
    }
    expect(world.ec2.starts.slice(startsBefore).flat()).toHaveLength(1);
    expect(interruptionEvents(world)).toBe(1);
  });

  it("for an instance that no pool has does nothing", async () => {
    const { world } = await withSpotNode();
    await sendNotice(world, "i-99999999", world.now());
    expect([world.enqueued, await world.notices()]).toEqual([[], []]);
  });

  it("starts nothing more once the pods have a node, however long they stay", async () => {
    const { world, instanceId, startsBefore, at } = await withSpotNode();
    world.kube.protectedPods.add("default/pod");
    await sendNotice(world, instanceId, at);
    for (let round = 0; round < 7; round += 1) {
      await world.reconcileDemand();
      await world.reconcilePool();
      world.advance();
    }
    expect(hasPod(world, "pod")).toBe(true);
    expect(world.ec2.starts.slice(startsBefore).flat()).toHaveLength(1);
    expect(world.kube.in<{ reason: string }>(paths.events("default")).map(({ reason }) => reason)).not.toContain(
      "StartedInVain",
    );
  });

  it.each(["crashes after", "fails after"] as const)(
    "is answered by one start although a function %s any call",
    async (kind) => {
      let instanceId = "";
      let startsBefore = 0;
      let at = 0;
      const begin = async () => {
        const begun = await withSpotNode(2);
        ({ instanceId, startsBefore, at } = begun);
        return begun.world;
      };
      const calls = await interruptEveryCall(kind, begin, async (world) => {
        const reconcile = async () => {
          // EventBridge and Lambda repeat it until the function succeeds.
          await sendNotice(world, instanceId, at);
          await world.reconcileDemand();
          await world.reconcilePool();
        };
        const isOver = async () =>
          stateOf(world, instanceId) === "terminated" &&
          world.node(instanceId) === undefined &&
          (await world.records()).every((record) => record.instanceId !== instanceId) &&
          (await world.notices()).length === 0;
        await recoverUntil(world, reconcile, isOver, () => {
          expect(living(world).length).toBeLessThanOrEqual(2);
          if (hasPod(world, "pod")) expect(stateOf(world, instanceId)).toBe("running");
        });
        expect(world.ec2.starts.slice(startsBefore).flat()).toHaveLength(1);
      });
      expect(calls).toBeGreaterThan(30);
    },
  );
});

describe("an instance that EC2 interrupts without a notice", () => {
  it("loses its node object and its slot, and is replaced", async () => {
    const { world, instanceId } = await withSpotNode();
    world.ec2.change(instanceId, { state: "terminated", stateReason: "Server.SpotInstanceTermination: gone" });
    await reconcileUntil(world, "a release", async () =>
      (await world.records()).every((record) => record.instanceId !== instanceId),
    );
    expect([world.node(instanceId), interruptionEvents(world)]).toEqual([undefined, 1]);
  });
});

describe("all spot nodes at once", () => {
  it("have standby started for all of their pods that it can take", async () => {
    const { world, instanceId, startsBefore, at } = await withSpotNode();
    addPendingPod(world, "large", "2");
    await world.reconcileDemand();
    const [second = ""] = world.ec2.starts.slice(startsBefore).flat();
    await reconcileUntil(world, "an open node", () => world.node(second)?.spec?.taints?.length === 0);
    bindPod(world, "large", `node-${second}`);
    world.ec2.change(second, { spot: true });
    const before = world.ec2.starts.length;
    for (const id of [instanceId, second]) await sendNotice(world, id, at);
    await world.reconcileDemand();
    await world.reconcilePool();
    expect(world.ec2.starts.slice(before).flat()).toHaveLength(1);
    await reconcileUntil(world, "terminations", () =>
      [instanceId, second].every((id) => stateOf(world, id) === "terminated"),
    );
    expect(await world.notices()).toEqual([]);
  });
});
