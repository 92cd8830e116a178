import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { interruptEveryCall, KINDS, liveUntil } from "../every-call.ts";
import { CLUSTER, createWorld, living, reconcileUntil, states, type World } from "../world.ts";

const key = ({ pool }: World) => ({ cluster: CLUSTER, pool });
const degraded = ({ kube, pool }: World) =>
  kube.at<NodePool>(paths.nodePool(pool))?.status?.conditions?.find(({ type }) => type === "Degraded");

/** Guests that power off before their node registers. */
const failWarmups = ({ ec2 }: World) => {
  for (const { instanceId } of ec2.inState("pending", "running")) ec2.change(instanceId, { state: "stopped" });
};

const MINUTE = 60_000;

describe("a pool whose instances fail to warm up", () => {
  it("launches less and less often, says so, and recovers by itself", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    for (let second = 0; second < 600; second += 10) {
      await world.reconcilePool();
      failWarmups(world);
      world.advance();
    }
    // Both at once at first, then 30 s, 60 s, 120 s and 240 s later, each time once both are gone.
    expect(world.ec2.launches.map(({ count }) => count)).toEqual([2, 2, 2, 2, 2]);
    expect(degraded(world)).toMatchObject({
      status: "True",
      reason: "WarmupFailing",
      message: expect.stringMatching(/never registered.*get-console-output/),
    });
    world.advance(10 * MINUTE);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby");
    await world.reconcilePool();
    expect(degraded(world)).toMatchObject({ status: "False" });
  });

  it("that is deleted is forgotten", async () => {
    const world = createWorld();
    await world.reconcilePool();
    failWarmups(world);
    await world.reconcilePool();
    expect(await world.ports.slots.readWarmupFailures(key(world))).toMatchObject({ failures: 1 });
    await world.kube.port.delete(paths.nodePool(world.pool));
    await reconcileUntil(world, "the end", () => world.kube.at(paths.nodePool(world.pool)) === undefined);
    expect(await world.ports.slots.readWarmupFailures(key(world))).toBeUndefined();
  });

  it.each(KINDS)("counts a failed launch once where a function %s a call", async (kind) => {
    const start = async () => {
      const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
      await world.reconcilePool();
      failWarmups(world);
      world.advance(MINUTE);
      return world;
    };
    const calls = await interruptEveryCall(kind, start, async (world) => {
      const trouble = () => world.ports.slots.readWarmupFailures(key(world));
      await liveUntil(world, world.reconcilePool, async () => living(world).length === 0);
      world.interruptions.disarm();
      expect(await trouble()).toMatchObject({ failures: 1 });
    });
    expect(calls).toBeGreaterThan(10);
  });
});

describe("an instance with user data of its class's own", () => {
  const agent = {
    metadata: { name: "agent", namespace: "kube-system" },
    spec: { template: { spec: { containers: [{ name: "agent", image: "example.com/agent:v1" }] } } },
  };

  it("is standby without the images of DaemonSets, and outdated when these change", async () => {
    const world = createWorld();
    const path = "/apis/apps/v1/namespaces/kube-system/daemonsets/agent";
    world.kube.put(path, agent);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby");
    expect(degraded(world)).toMatchObject({ status: "False" });
    const image = "example.com/agent:v2";
    world.kube.change(path, { spec: { template: { spec: { containers: [{ name: "agent", image }] } } } });
    await world.reconcilePool();
    expect(world.kube.at<NodePool>(paths.nodePool(world.pool))?.status?.stale).toBe(2);
  });
});
