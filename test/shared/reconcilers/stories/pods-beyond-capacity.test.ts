/** More pods than the pool may have nodes for. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { addPendingPod, bindPod, CLUSTER, reconcileUntil, type World, warmedUp } from "../world.ts";

const SMALL = { spec: { poolSize: 1, minStandby: 1 } };

const poolOf = ({ kube, pool }: World) => kube.at<NodePool>(paths.nodePool(pool));
const pendingOf = (world: World) => [poolOf(world)?.status?.pendingPods, poolOf(world)?.status?.unservedPods];
const degraded = (world: World) => {
  const { status, reason, message } = poolOf(world)?.status?.conditions?.find(({ type }) => type === "Degraded") ?? {};
  return `${status} ${reason}: ${message}`;
};
const warnings = ({ kube }: World) =>
  kube
    .in<{ reason: string; count: number }>(paths.events("default"))
    .flatMap(({ reason, count }) => (reason === "AtCapacity" ? [count] : []));

/** One pod runs on the only node, and two more wait. */
const full = async (): Promise<World> => {
  const world = await warmedUp(SMALL);
  for (const name of ["one", "two", "three"]) addPendingPod(world, name, "2");
  await world.reconcileDemand();
  const [instanceId = ""] = world.ec2.starts.flat();
  await reconcileUntil(world, "an open node", async () => world.node(instanceId)?.spec?.taints?.length === 0);
  bindPod(world, "one", `node-${instanceId}`);
  await world.reconcileDemand();
  await world.reconcilePool();
  return world;
};

it("while a node starts for one pod, those that it has no room for count as unserved", async () => {
  const world = await warmedUp(SMALL);
  await world.reconcilePool();
  expect(pendingOf(world)).toEqual([0, 0]);
  addPendingPod(world, "one", "2");
  addPendingPod(world, "two", "2");
  await world.reconcileDemand();
  expect(pendingOf(world)).toEqual([2, 1]);
  expect(world.enqueued).toContain(`pool ${CLUSTER}/${world.pool}`);
});

it("the pool says how many pods wait and what to raise, warns once, and says so until nobody waits", async () => {
  const world = await full();
  expect(pendingOf(world)).toEqual([2, 2]);
  expect(degraded(world)).toMatch(/^True AtCapacity: 2 pods wait, .*spec\.poolSize \(1\).*raise spec\.poolSize$/);
  for (let round = 0; round < 3; round += 1) {
    await world.reconcileDemand();
    await world.reconcilePool();
  }
  expect(warnings(world)).toEqual([1]);
  for (const name of ["two", "three"]) world.kube.objects.delete(paths.pod("default", name));
  await world.reconcileDemand();
  await world.reconcilePool();
  expect(pendingOf(world)).toEqual([0, 0]);
  expect(degraded(world)).toMatch(/^False AsExpected/);
});

it("nothing is written as long as the same number of pods waits", async () => {
  const world = await full();
  const before = poolOf(world)?.metadata.resourceVersion;
  for (let round = 0; round < 3; round += 1) {
    await world.reconcileDemand();
    await world.reconcilePool();
  }
  expect(poolOf(world)?.metadata.resourceVersion).toBe(before);
});

it("pods that wait for a paused pool no longer count", async () => {
  const world = await full();
  world.kube.change(paths.nodePool(world.pool), { spec: { paused: true } });
  await world.reconcileDemand();
  expect(pendingOf(world)).toEqual([0, 0]);
});
