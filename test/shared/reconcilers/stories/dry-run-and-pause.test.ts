import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { addPendingPod, createWorld, reconcileUntil, states, type World, warmedUp } from "../world.ts";

const poolOf = ({ kube, pool }: World) => kube.at<NodePool>(paths.nodePool(pool));
const change = ({ kube, pool }: World, spec: object) => kube.change(paths.nodePool(pool), { spec });

/** The calls of a run that change anything except the status of the pool. */
const changesOf = async (world: World, run: () => Promise<unknown>) => {
  const before = world.interruptions.calls.length;
  await run();
  const changing = world.interruptions.calls.slice(before).filter((call) => !/get|list|read|describe/.test(call));
  return changing.filter((call) => call !== "kube.patch");
};

describe("a dry run", () => {
  it("of a new pool shows what would be launched, and changes nothing", async () => {
    const world = createWorld({ spec: { poolSize: 5, minStandby: 3, dryRun: true } });
    expect(await changesOf(world, world.reconcilePool)).toEqual([]);
    expect(poolOf(world)?.status?.plan).toEqual(["launch 3 (Replenish)"]);
    expect(poolOf(world)?.metadata.finalizers).toBeUndefined();
    expect(world.ec2.instances.size).toBe(0);
    expect(await world.records()).toEqual([]);
  });

  it("of a change shows what it would cause, until it is applied", async () => {
    const world = await warmedUp();
    change(world, { dryRun: true, poolSize: 1, minStandby: 1 });
    expect(await changesOf(world, world.reconcilePool)).toEqual([]);
    expect(poolOf(world)?.status?.plan).toEqual([expect.stringMatching(/standby → terminating \(PoolSizeLowered\)/)]);
    expect(await states(world)).toEqual(["standby", "standby"]);
    change(world, { dryRun: false });
    await reconcileUntil(world, "one instance", async () => (await states(world)).length === 1);
    await world.reconcilePool();
    expect(poolOf(world)?.status).not.toHaveProperty("plan");
  });

  it("starts nothing for pods", async () => {
    const world = await warmedUp({ spec: { dryRun: false } });
    change(world, { dryRun: true });
    addPendingPod(world, "pod");
    await world.reconcileDemand();
    expect(world.ec2.starts).toEqual([]);
  });

  it("does not delay the deletion of the pool", async () => {
    const world = await warmedUp();
    change(world, { dryRun: true });
    await world.kube.port.delete(paths.nodePool(world.pool));
    await reconcileUntil(world, "deletion", () => poolOf(world) === undefined);
    expect(await states(world)).toEqual([]);
  });
});

describe("a paused pool", () => {
  it("starts nothing for pods until it is resumed", async () => {
    const world = await warmedUp();
    change(world, { paused: true });
    addPendingPod(world, "pod");
    await world.reconcileDemand();
    await world.reconcilePool();
    expect(world.ec2.starts).toEqual([]);
    change(world, { paused: false });
    await world.reconcileDemand();
    expect(world.ec2.starts).toHaveLength(1);
  });
});
