/** The taints and labels of a pool's template change while its nodes are standby. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

const taintOf = (value: string) => ({ key: "dedicated", value, effect: "NoSchedule" });

const changeTemplate = (world: World, change: object) =>
  world.kube.change(paths.nodePool(world.pool), { spec: { template: change } });

const addPod = (world: World, spec: object) => {
  addPendingPod(world, "pod");
  world.kube.change(paths.pod("default", "pod"), { spec });
};

const tolerating = (value: string) => ({ tolerations: [{ key: "dedicated", value, effect: "NoSchedule" }] });

const nodesOf = async (world: World) => (await world.records()).map(({ instanceId }) => world.node(instanceId ?? ""));

const settledWith = async (world: World, change: object) => {
  changeTemplate(world, change);
  await world.reconcilePool();
  await world.reconcilePool();
};

it.each([
  ["gpu", 1],
  ["ci", 0],
])("a pod that tolerates %s has %i nodes started once the taint's value went from ci to gpu", async (value, count) => {
  const world = await warmedUp();
  await settledWith(world, { taints: [taintOf("ci")] });
  await settledWith(world, { taints: [taintOf("gpu")] });
  expect((await nodesOf(world)).map((node) => node?.spec?.taints)).toEqual([
    expect.arrayContaining([taintOf("gpu")]),
    expect.arrayContaining([taintOf("gpu")]),
  ]);
  addPod(world, tolerating(value));
  await world.reconcileDemand();
  expect(world.ec2.starts.flat()).toHaveLength(count);
});

it.each([
  ["gpu", 1],
  ["ci", 0],
])(
  "nor does a pod that tolerates %s have to wait for the change to reach the nodes: %i starts",
  async (value, count) => {
    const world = await warmedUp();
    await settledWith(world, { taints: [taintOf("ci")] });
    changeTemplate(world, { taints: [taintOf("gpu")] });
    addPod(world, tolerating(value));
    await world.reconcileDemand();
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(count);
  },
);

it.each([true, false])(
  "a label that the pool no longer has starts nothing (reached the nodes: %s)",
  async (reached) => {
    const world = await warmedUp();
    await settledWith(world, { labels: { team: "build" } });
    expect((await nodesOf(world)).map((node) => node?.metadata.labels?.team)).toEqual(["build", "build"]);
    changeTemplate(world, { labels: null });
    if (reached) {
      await world.reconcilePool();
      expect((await nodesOf(world)).map((node) => node?.metadata.labels?.team)).toEqual([undefined, undefined]);
    }
    addPod(world, { nodeSelector: { team: "build" } });
    await world.reconcileDemand();
    expect(world.ec2.starts).toEqual([]);
  },
);
