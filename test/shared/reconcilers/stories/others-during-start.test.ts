/** Somebody acts on a standby node between any two calls of its start for demand. */
import { expect, it } from "vitest";
import { somebody } from "../actors.ts";
import { actBeforeEveryCall, recoverUntil } from "../every-call.ts";
import { addPendingPod, living, type World, warmedUp } from "../world.ts";

const POOL_SIZE = 2;

type Act = (world: World, node: string) => void;

/** Nodes that the pending pod can be bound to: on, Ready, uncordoned and without taints. */
const openNodes = (world: World) =>
  world.ec2.inState("running").filter(({ instanceId }) => {
    const { spec, status } = world.node(instanceId) ?? {};
    const isReady = status?.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True");
    return isReady && !spec?.unschedulable && (spec?.taints ?? []).length === 0;
  });

const ACTS: readonly (readonly [fault: string, act: Act])[] = [
  ["deleteNode", (world, node) => somebody(world).deleteNode(node)],
  ["untaint", (world, node) => somebody(world).untaint(node, "stratos.sh/standby")],
  ["uncordon", (world, node) => somebody(world).uncordon(node)],
  ["relabel", (world, node) => somebody(world).label(node, "stratos.sh/pool", undefined)],
];

it.each(ACTS)("a pending pod gets a node, and not more than the pool may have [%s]", async (_fault, act) => {
  const calls = await actBeforeEveryCall(
    async () => {
      const world = await warmedUp({ spec: { poolSize: POOL_SIZE, minStandby: 2 } });
      addPendingPod(world, "pod");
      return world;
    },
    (world) => {
      for (const { instanceId } of living(world)) act(world, `node-${instanceId}`);
    },
    async (world) => {
      const reconcile = async () => {
        await world.reconcileDemand().catch(() => {});
        await world.reconcilePool();
      };
      await recoverUntil(
        world,
        reconcile,
        async () => openNodes(world).length > 0,
        () => expect(living(world).length).toBeLessThanOrEqual(POOL_SIZE),
      );
    },
  );
  expect(calls).toBeGreaterThan(10);
});
