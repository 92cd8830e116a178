/** The status of a pool is written when something in it changed, and now and then to show that the pool is looked at. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

const MINUTE = 60_000;

const versionOf = ({ kube, pool }: World) => kube.at<NodePool>(paths.nodePool(pool))?.metadata.resourceVersion;
const writtenAt = ({ kube, pool }: World) => kube.at<NodePool>(paths.nodePool(pool))?.status?.lastReconcileTime;

/** The number of writes in an hour of looks, one every 30 s. */
const writesInAnHour = async (world: World): Promise<number> => {
  let writes = 0;
  for (let look = 0; look < 120; look += 1) {
    const before = versionOf(world);
    await world.reconcilePool();
    writes += Number(versionOf(world) !== before);
    world.advance(30_000);
  }
  return writes;
};

it("an idle pool's status is written every five minutes", async () => {
  const world = await warmedUp();
  await world.reconcilePool();
  expect(await writesInAnHour(world)).toBe(11);
});

it("a change is written at once, without what did not change", async () => {
  const world = await warmedUp();
  await world.reconcilePool();
  const before = { version: versionOf(world), at: writtenAt(world) };
  world.advance(MINUTE);
  addPendingPod(world, "pod");
  await world.reconcileDemand();
  await world.reconcilePool();
  expect(versionOf(world)).not.toBe(before.version);
  expect(writtenAt(world)).not.toBe(before.at);
  expect(world.kube.at<NodePool>(paths.nodePool(world.pool))?.status).toMatchObject({ running: 1, total: 3 });
});
