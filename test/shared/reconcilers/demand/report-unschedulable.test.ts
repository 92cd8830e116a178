import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { createDemandReconcile } from "../../../../shared/reconcilers/demand/reconcile.ts";
import { addPendingPod, CLUSTER, type World, warmedUp } from "../world.ts";

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly message: string;
  readonly count: number;
}

const told = (world: World) =>
  world.kube.in<Event>(paths.events("default")).filter(({ involvedObject }) => involvedObject.kind === "Pod");

const unmatchedPod = (world: World, name: string) => {
  addPendingPod(world, name, "1");
  world.kube.change(paths.pod("default", name), { spec: { nodeSelector: { gpu: "true" } } });
};

/** Looks as one function does in its life. */
const looksAt = (world: World) => {
  const reconcile = createDemandReconcile(world.ports);
  return () => reconcile({ key: CLUSTER, fence: 1, now: world.now, assertHeld: () => {} });
};

it("a pod that no pool can run is told why, once it has waited for a minute, and not at each look", async () => {
  const world = await warmedUp();
  const look = looksAt(world);
  unmatchedPod(world, "gpu");
  await look();
  expect(told(world)).toEqual([]);
  world.advance(61_000);
  for (let count = 0; count < 5; count += 1) {
    await look();
    world.advance(15_000);
  }
  expect(told(world)).toMatchObject([
    {
      involvedObject: { name: "gpu" },
      count: 1,
      message: `no NodePool can run it: ${world.pool}: node selector gpu=true`,
    },
  ]);
  world.advance(600_000);
  await look();
  expect(told(world)).toMatchObject([{ count: 2 }]);
});

it("a crowd of them is told by ten at a time", async () => {
  const world = await warmedUp();
  const look = looksAt(world);
  for (let count = 0; count < 25; count += 1) unmatchedPod(world, `gpu-${count}`);
  world.advance(61_000);
  await look();
  expect(told(world)).toHaveLength(10);
  await look();
  expect(told(world)).toHaveLength(20);
});
