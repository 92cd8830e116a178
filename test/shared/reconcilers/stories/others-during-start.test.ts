/** Somebody acts on a standby node between any two calls of its start for demand. */
import { expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { isReady, type KubeNode } from "../../../../shared/model/kubernetes/objects.ts";
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

const deleteNode: Act = (world, node) => somebody(world).deleteNode(node);

/** Starts nodes for one pod, once for each call; somebody acts on both nodes right before that call. `maxStarts`: how many are started at most. */
const actDuringStart = (act: Act, maxStarts: number): Promise<number> =>
  actBeforeEveryCall(
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
      const isServed = async () => openNodes(world).length > 0;
      await recoverUntil(world, reconcile, isServed, () => {
        expect(living(world).length).toBeLessThanOrEqual(POOL_SIZE);
      });
      expect(new Set(world.ec2.starts.flat()).size).toBeLessThanOrEqual(maxStarts);
    },
  );

const ACTS: readonly (readonly [fault: string, act: Act])[] = [
  ["untaint", (world, node) => somebody(world).untaint(node, "stratos.sh/standby")],
  ["uncordon", (world, node) => somebody(world).uncordon(node)],
  ["relabel", (world, node) => somebody(world).label(node, "stratos.sh/pool", undefined)],
];

it.each(ACTS)("a pending pod gets one node [%s]", async (_fault, act) => {
  expect(await actDuringStart(act, 1)).toBeGreaterThan(10);
});

it("a pending pod gets a node though the node objects are deleted [deleteNode]", async () => {
  expect(await actDuringStart(deleteNode, POOL_SIZE)).toBeGreaterThan(10);
});

/** A kubelet registers when it starts, and not again when its node object is deleted later: then only another node helps. */
const deleteUnregistered: Act = (world, node) => {
  if (!isReady(world.kube.at<KubeNode>(paths.node(node)))) deleteNode(world, node);
};

it("a start whose node object is deleted before its kubelet registers is not repeated on another node [deleteNode]", async () => {
  expect(await actDuringStart(deleteUnregistered, 1)).toBeGreaterThan(10);
});
