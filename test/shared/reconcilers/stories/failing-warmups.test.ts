import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { INTERRUPTION_KINDS, interruptEveryCall, recoverUntil } from "../every-call.ts";
import { CLUSTER, createWorld, living, reconcileUntil, states, type World } from "../world.ts";

const key = ({ pool }: World) => ({ cluster: CLUSTER, pool });
const degraded = ({ kube, pool }: World) =>
  kube.at<NodePool>(paths.nodePool(pool))?.status?.conditions?.find(({ type }) => type === "Degraded");

/** Powers all machines off before their nodes register. */
const failWarmups = ({ ec2 }: World) => {
  for (const { instanceId } of ec2.inState("pending", "running")) ec2.change(instanceId, { state: "stopped" });
};

const MINUTE = 60_000;

describe("a pool whose instances fail to warm up", () => {
  it("launches less and less often, reports that, and recovers by itself", async () => {
    const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
    for (let second = 0; second < 600; second += 10) {
      await world.reconcilePool();
      failWarmups(world);
      world.advance();
    }
    // Both instances at once, then again after 30 s, 60 s, 120 s and 240 s, each time when both are gone.
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

  it("leaves no failures behind when it is deleted", async () => {
    const world = createWorld();
    await world.reconcilePool();
    failWarmups(world);
    await world.reconcilePool();
    expect((await world.ports.poolItems.read(key(world))).warmupFailures).toMatchObject({ failures: 1 });
    await world.kube.port.delete(paths.nodePool(world.pool));
    await reconcileUntil(world, "deletion", () => world.kube.at(paths.nodePool(world.pool)) === undefined);
    expect((await world.ports.poolItems.read(key(world))).warmupFailures).toBeUndefined();
  });

  it.each(INTERRUPTION_KINDS)("counts a failed launch once if a function %s a call", async (kind) => {
    const start = async () => {
      const world = createWorld({ spec: { poolSize: 2, minStandby: 2 } });
      await world.reconcilePool();
      failWarmups(world);
      world.advance(MINUTE);
      return world;
    };
    const calls = await interruptEveryCall(kind, start, async (world) => {
      const warmupFailures = () => world.ports.poolItems.read(key(world)).then((items) => items.warmupFailures);
      await recoverUntil(world, world.reconcilePool, async () => living(world).length === 0);
      world.interruptions.disarm();
      expect(await warmupFailures()).toMatchObject({ failures: 1 });
    });
    expect(calls).toBeGreaterThan(10);
  });
});
