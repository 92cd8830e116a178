import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { createDemandReconcile } from "../../../../shared/reconcilers/demand/reconcile.ts";
import { addPendingPod, CLUSTER, type World, warmedUp } from "../world.ts";

interface Event {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly message: string;
  readonly count: number;
}

const podEvents = (world: World) =>
  world.kube.in<Event>(paths.events("default")).filter(({ involvedObject }) => involvedObject.kind === "Pod");

const addUnschedulablePod = (world: World, name: string) => {
  addPendingPod(world, name, "1");
  world.kube.change(paths.pod("default", name), { spec: { nodeSelector: { gpu: "true" } } });
};

/** The demand reconcile of one process, which remembers what it reported. */
const reconcileOf = (world: World) => {
  const reconcile = createDemandReconcile(world.ports);
  return () => reconcile({ key: CLUSTER, fence: 1, now: world.now, assertHeld: () => {} });
};

it("a pod that no pool can run gets an event with the reason after a minute, and again only after ten", async () => {
  const world = await warmedUp();
  const reconcile = reconcileOf(world);
  addUnschedulablePod(world, "gpu");
  await reconcile();
  expect(podEvents(world)).toEqual([]);
  world.advance(61_000);
  for (let count = 0; count < 5; count += 1) {
    await reconcile();
    world.advance(15_000);
  }
  expect(podEvents(world)).toMatchObject([
    {
      involvedObject: { name: "gpu" },
      count: 1,
      message: `no NodePool can run this pod: ${world.pool}: node selector gpu=true`,
    },
  ]);
  world.advance(600_000);
  await reconcile();
  expect(podEvents(world)).toMatchObject([{ count: 2 }]);
});

it("at most ten pods are reported per reconcile", async () => {
  const world = await warmedUp();
  const reconcile = reconcileOf(world);
  for (let count = 0; count < 25; count += 1) addUnschedulablePod(world, `gpu-${count}`);
  world.advance(61_000);
  await reconcile();
  expect(podEvents(world)).toHaveLength(10);
  await reconcile();
  expect(podEvents(world)).toHaveLength(20);
});
