/** Nodes that were started together reach maxNodeRuntime together. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { addPendingPod, bindPod, living, reconcileUntil, replenishments, type World, warmedUp } from "../world.ts";

const MINUTE = 60_000;
const PODS = ["a", "b", "c", "d", "e"];

/** Five nodes of one start, each with a pod. */
const withNodesOfOneAge = async (spec: { poolSize: number; minStandby: number }) => {
  const world = await warmedUp({ spec: { poolSize: 5, minStandby: 5 } });
  for (const name of PODS) addPendingPod(world, name, "1500m");
  await world.reconcileDemand();
  const started = world.ec2.starts.flat();
  const isOpen = (instanceId: string) => world.node(instanceId)?.spec?.taints?.length === 0;
  await reconcileUntil(world, "open nodes", async () => started.length === 5 && started.every(isOpen));
  for (const [index, name] of PODS.entries()) bindPod(world, name, `node-${started[index]}`);
  world.kube.change(paths.nodePool(world.pool), { spec: { ...spec, maxNodeRuntime: "1h" } });
  world.advance(60 * MINUTE);
  return { world, started };
};

const standbyReady = (world: World) => world.ec2.inState("stopped").length;

/** Gives each pod that was evicted a successor, which is bound to a node as soon as one is open for it. */
const replacePods = async (world: World, round: number) => {
  const pods = world.kube.in<{ metadata: { name: string }; spec: { nodeName?: string } }>(paths.pods());
  const taken = new Set(pods.map(({ spec }) => spec.nodeName));
  for (let missing = PODS.length - pods.length; missing > 0; missing -= 1)
    addPendingPod(world, `pod-${round}-${missing}`, "1500m");
  await world.reconcileDemand();
  const open = (await world.records())
    .filter(({ state, nodeName }) => state === "running" && !taken.has(nodeName))
    .filter(({ instanceId }) => world.node(instanceId ?? "")?.spec?.taints?.length === 0);
  for (const { metadata, spec } of world.kube.in<(typeof pods)[number]>(paths.pods())) {
    const [next] = spec.nodeName ? [] : open.splice(0, 1);
    if (next) bindPod(world, metadata.name, next.nodeName ?? "");
  }
};

/** Until every node of the first start has been out of service. Returns what was seen at each look. */
const recycleAll = async (world: World, started: readonly string[]) => {
  const seen: { draining: number; total: number; hadStandby: boolean }[] = [];
  const left = new Set(started);
  for (let round = 0; left.size > 0 && round < 300; round += 1) {
    const hadStandby = standbyReady(world) > 0;
    await world.reconcilePool();
    const stopping = (await world.records()).filter(({ state }) => state === "stopping");
    const begun = stopping.filter(({ instanceId }) => left.delete(instanceId ?? ""));
    if (begun.length > 0) seen.push({ draining: stopping.length, total: living(world).length, hadStandby });
    await replacePods(world, round);
    world.advance();
  }
  expect([...left]).toEqual([]);
  return seen;
};

it("and are drained one after the other, each when an instance stands ready, which one more launch provides", async () => {
  const { world, started } = await withNodesOfOneAge({ poolSize: 6, minStandby: 0 });
  const seen = await recycleAll(world, started);
  expect(seen).toEqual(Array.from({ length: 5 }, () => ({ draining: 1, total: 6, hadStandby: true })));
  expect(replenishments(world)).toContain("launching 1 to take the pods of nodes that are due (maxNodeRuntime)");
});

it("and are drained one after the other in a pool that has no room for a replacement", async () => {
  const { world, started } = await withNodesOfOneAge({ poolSize: 5, minStandby: 0 });
  const seen = await recycleAll(world, started);
  expect(seen.map(({ draining, total }) => [draining, total])).toEqual(Array.from({ length: 5 }, () => [1, 5]));
});
