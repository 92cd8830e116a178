import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { startTable, type TestTable } from "../../dynamo.ts";
import { living, reconcileUntil, states, warmedUp, withNodeInUse } from "../world.ts";

interface KubeEvent {
  readonly reason: string;
}

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

describe("a deleted pool", () => {
  it("drains and terminates all of its instances, then drops its finalizer", async () => {
    const { world } = await withNodeInUse({ table });
    await world.kube.port.delete(paths.nodePool(world.pool));
    await reconcileUntil(world, "deletion", async () => world.kube.at(paths.nodePool(world.pool)) === undefined);
    expect(living(world)).toEqual([]);
    expect(await world.records()).toEqual([]);
    expect(world.kube.in(paths.nodes())).toEqual([]);
    expect(world.kube.at(paths.pod("default", "pod"))).toBeUndefined();
  });

  it("is reported as deleted once, when its finalizer is gone, under the name of the pool that it was", async () => {
    const world = await warmedUp({ table });
    world.kube.change(paths.nodePool(world.pool), { metadata: { uid: "uid-of-the-pool" } });
    await world.kube.port.delete(paths.nodePool(world.pool));
    const deleted = () =>
      world.kube.in<KubeEvent>(paths.events("default")).filter(({ reason }) => reason === "Deleted");
    await world.reconcilePool();
    expect(await states(world)).toEqual(["terminating", "terminating"]);
    expect(deleted()).toEqual([]);
    await reconcileUntil(world, "deletion", async () => world.kube.at(paths.nodePool(world.pool)) === undefined);
    for (let round = 0; round < 3; round += 1) await world.reconcilePool();
    const involvedObject = expect.objectContaining({ name: world.pool, uid: "uid-of-the-pool" });
    expect(deleted()).toEqual([expect.objectContaining({ count: 1, involvedObject })]);
  });

  it("leaves nothing behind if its finalizer was removed by hand, either", async () => {
    const { world } = await withNodeInUse({ table });
    world.kube.objects.delete(paths.nodePool(world.pool));
    await reconcileUntil(world, "no records", async () => (await world.records()).length === 0);
    expect(living(world)).toEqual([]);
    expect(world.kube.in(paths.nodes())).toEqual([]);
    expect(await world.reconcilePool()).toEqual({ isGone: true });
  });
});

it("a pool terminates standby instances until it fits a lowered poolSize", async () => {
  const world = await warmedUp({ table, spec: { poolSize: 4, minStandby: 4 } });
  world.kube.change(paths.nodePool(world.pool), { spec: { poolSize: 2, minStandby: 2 } });
  await reconcileUntil(world, "two instances", async () => (await states(world)).join() === "standby,standby");
  expect(living(world)).toHaveLength(2);
  expect(world.kube.at<NodePool>(paths.nodePool(world.pool))?.status?.total).toBe(2);
});
