/** Somebody changes or deletes the node object of an instance that is in use: the instance keeps its power while pods are on it. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { KubeNode } from "../../../../shared/model/kubernetes/objects.ts";
import { LABEL } from "../../../../shared/model/names.ts";
import { addPendingPod, bindPod, reconcileUntil, states, type World, warmedUp } from "../world.ts";

const POD = "pod";
const NODE = "node-i-00000001";

const isPodThere = ({ kube }: World) => kube.at(paths.pod("default", POD)) !== undefined;
const ec2State = ({ ec2 }: World) => ec2.instances.get("i-00000001")?.state;

/** One node in use by one pod. */
const inUse = async (): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 1, minStandby: 1, scaleDown: { emptyNodeTTL: "30s" } } });
  addPendingPod(world, POD, "1500m");
  await world.reconcileDemand();
  await reconcileUntil(world, "the node runs", () => ec2State(world) === "running");
  bindPod(world, POD, NODE);
  await world.reconcilePool();
  return world;
};

/** A node that drains, with a pod that a disruption budget protects. */
const draining = async (): Promise<World> => {
  const world = await inUse();
  world.kube.protectedPods.add(`default/${POD}`);
  world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: "30s" } });
  await reconcileUntil(world, "the drain begins", async () => (await states(world)).includes("stopping"));
  return world;
};

const hide: readonly (readonly [string, (world: World) => void])[] = [
  [
    "is relabelled to another pool",
    ({ kube }) => kube.change(paths.node(NODE), { metadata: { labels: { [LABEL.pool]: "others" } } }),
  ],
  ["loses its labels", ({ kube }) => kube.change(paths.node(NODE), { metadata: { labels: null } })],
  ["is deleted", ({ kube }) => void kube.objects.delete(paths.node(NODE))],
];

describe.each(hide)("a node that %s", (_, act) => {
  it("while it is in use, keeps running", async () => {
    const world = await inUse();
    act(world);
    for (let round = 0; round < 20; round += 1) {
      await world.reconcilePool();
      world.advance();
    }
    expect(isPodThere(world)).toBe(true);
    expect(ec2State(world)).toBe("running");
  });

  it("while it drains behind a disruption budget, keeps running until its pod is gone", async () => {
    const world = await draining();
    act(world);
    for (let round = 0; round < 12; round += 1) {
      await world.reconcilePool();
      world.advance();
      expect(ec2State(world)).toBe("running");
    }
    expect(isPodThere(world)).toBe(true);
    world.kube.protectedPods.clear();
    await reconcileUntil(world, "standby", async () => (await states(world)).includes("standby"));
    expect(isPodThere(world)).toBe(false);
  });
});

it.each<[string, (world: World) => void]>([
  ["is deleted while it is in use", () => {}],
  ["is deleted while it is empty", ({ kube }) => void kube.objects.delete(paths.pod("default", POD))],
])("an instance whose node %s is replaced, with scale-down disabled, too", async (_, act) => {
  const world = await inUse();
  act(world);
  world.kube.change(paths.nodePool(world.pool), { spec: { scaleDown: { enabled: false } } });
  for (let round = 0; round < 45 && ec2State(world) !== "terminated"; round += 1) {
    world.kube.objects.delete(paths.node(NODE));
    await world.reconcilePool();
    world.advance(60_000);
  }
  expect(ec2State(world)).toBe("terminated");
});

it("a node that was relabelled to another pool gets its label back", async () => {
  const world = await inUse();
  world.kube.change(paths.node(NODE), { metadata: { labels: { [LABEL.pool]: "others" } } });
  await world.reconcilePool();
  expect(world.kube.at<KubeNode>(paths.node(NODE))?.metadata.labels?.[LABEL.pool]).toBe(world.pool);
});
