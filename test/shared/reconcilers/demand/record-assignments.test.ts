import { expect, it } from "vitest";
import { addPendingPod, bindPod, reconcileUntil, warmedUp } from "../world.ts";

it("a pod whose place the scheduler gave to its like is remembered by one node, not by each in turn", async () => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2, scaleUp: { overflow: "None" } } });
  addPendingPod(world, "a", "2");
  addPendingPod(world, "b", "2");
  await world.reconcileDemand();
  await reconcileUntil(world, "open nodes", async () => (await world.records()).every(({ openedAt }) => openedAt));
  const before = await world.records();
  const nodeOfA = before.find(({ pods }) => pods?.includes("default/a"))?.instanceId;
  bindPod(world, "b", `node-${nodeOfA}`);
  await world.reconcileDemand();
  expect(await world.records()).toEqual(before);
});

it("a pod that comes later is remembered by the node in flight that has room for it", async () => {
  const world = await warmedUp({ spec: { poolSize: 1, minStandby: 1, scaleUp: { overflow: "None" } } });
  addPendingPod(world, "a", "500m");
  await world.reconcileDemand();
  addPendingPod(world, "b", "500m");
  await world.reconcileDemand();
  expect((await world.records()).map(({ pods }) => pods)).toEqual([["default/a", "default/b"]]);
});
