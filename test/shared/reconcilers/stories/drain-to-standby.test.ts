import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { startTable, type TestTable } from "../../dynamo.ts";
import { INTERRUPTION_KINDS, interruptEveryCall, recoverUntil } from "../every-call.ts";
import type { StoredObject } from "../fake-kube.ts";
import {
  addPendingPod,
  bindPod,
  living,
  reconcileUntil,
  states,
  type World,
  warmedUp,
  withNodeInUse,
} from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

const MINUTE = 60_000;

const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;
const isThere = ({ kube }: World, pod: string) => kube.at(paths.pod("default", pod)) !== undefined;
const drainEvents = ({ kube }: World) =>
  kube
    .in<{ reason: string; message: string }>(paths.events("default"))
    .filter(({ reason }) => reason === "DrainTimeout")
    .map(({ message }) => message);

const startDraining = async (world: World) => {
  world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: "10m" } });
  world.advance(10 * MINUTE);
  await world.reconcilePool();
};

describe("a node in use", () => {
  it("returns to standby after emptyNodeTTL, with the taints for its next start", async () => {
    const { world, instanceId } = await withNodeInUse({ table });
    world.kube.objects.delete(paths.pod("default", "pod"));
    await world.reconcilePool();
    world.advance(4 * MINUTE);
    await world.reconcilePool();
    expect(stateOf(world, instanceId)).toBe("running");
    world.advance(2 * MINUTE);
    await reconcileUntil(world, "standby", async () => (await states(world)).every((state) => state === "standby"));
    expect(stateOf(world, instanceId)).toBe("stopped");
    expect(world.node(instanceId)?.spec?.unschedulable).toBe(true);
    expect(
      world
        .node(instanceId)
        ?.spec?.taints?.map(({ key }) => key)
        .toSorted(),
    ).toEqual(["stratos.sh/not-ready", "stratos.sh/standby"]);
  });

  it("is drained by eviction before it is stopped", async () => {
    const { world, instanceId } = await withNodeInUse({ table });
    await startDraining(world);
    await reconcileUntil(world, "a stop", async () => stateOf(world, instanceId) === "stopping");
    expect(isThere(world, "pod")).toBe(false);
    expect(drainEvents(world)).toEqual([]);
  });

  it("waits for a disruption budget without a failure", async () => {
    const { world, instanceId } = await withNodeInUse({ table });
    world.kube.protectedPods.add("default/pod");
    await startDraining(world);
    for (let round = 0; round < 3; round += 1) {
      await world.reconcilePool();
      world.advance(2_000);
    }
    expect(isThere(world, "pod")).toBe(true);
    expect(stateOf(world, instanceId)).toBe("running");
    world.kube.protectedPods.clear();
    await reconcileUntil(world, "a stop", async () => stateOf(world, instanceId) === "stopping");
    expect(isThere(world, "pod")).toBe(false);
  });

  it("has its remaining pods deleted after drainTimeout, and they are reported", async () => {
    const { world, instanceId } = await withNodeInUse({ table });
    world.kube.protectedPods.add("default/pod");
    await startDraining(world);
    world.advance(4 * MINUTE);
    await world.reconcilePool();
    expect(isThere(world, "pod")).toBe(true);
    world.advance(2 * MINUTE);
    await reconcileUntil(world, "a stop", async () => stateOf(world, instanceId) === "stopping");
    expect(drainEvents(world)).toEqual([expect.stringContaining("default/pod")]);
  });

  it.each(["evicted", "deleted"])(
    "does not have a pod %s that runs elsewhere under the name of its former pod",
    async (how) => {
      const { world } = await withNodeInUse({ table });
      const path = paths.pod("default", "pod");
      world.kube.change(path, { metadata: { uid: "first" } });
      if (how === "deleted") {
        world.kube.protectedPods.add("default/pod");
        await startDraining(world);
        world.advance(6 * MINUTE);
      }
      const calls: string[] = [];
      world.kube.beforeWrite = (written) => {
        if (!written.startsWith(path)) return;
        calls.push(written);
        world.kube.change(path, { metadata: { uid: "second" }, spec: { nodeName: "elsewhere" } });
      };
      if (how === "evicted") await startDraining(world);
      await world.reconcilePool();
      expect(calls).toHaveLength(1);
      expect(world.kube.at<StoredObject>(path)?.metadata).toMatchObject({ uid: "second" });
      expect(world.kube.at<StoredObject>(path)?.metadata).not.toHaveProperty("deletionTimestamp");
    },
  );

  it.each(INTERRUPTION_KINDS)("returns to standby if a function %s a call", async (kind) => {
    const start = async () => {
      const { world } = await withNodeInUse();
      await startDraining(world);
      return world;
    };
    const isStandby = (world: World) => async () => (await states(world)).every((state) => state === "standby");
    const calls = await interruptEveryCall(kind, start, async (world) => {
      const expectNoPodsOnStoppedNodes = () => {
        const off = living(world).filter(({ state }) => state === "stopping" || state === "stopped");
        const pods = world.kube.in<{ spec: { nodeName?: string } }>(paths.pods()).map(({ spec }) => spec.nodeName);
        expect(off.filter(({ instanceId }) => pods.includes(`node-${instanceId}`))).toEqual([]);
      };
      await recoverUntil(world, world.reconcilePool, isStandby(world), expectNoPodsOnStoppedNodes);
      expect(living(world)).toHaveLength(3);
    });
    expect(calls).toBeGreaterThan(15);
  });
});

it("a large pool stops its empty nodes and no others", async () => {
  const world = await warmedUp({ table, spec: { poolSize: 12, minStandby: 12 } });
  for (let pod = 1; pod <= 12; pod += 1) addPendingPod(world, `pod-${pod}`, "2");
  await world.reconcileDemand();
  const started = world.ec2.starts.flat();
  const isOpen = (instanceId: string) => world.node(instanceId)?.spec?.taints?.length === 0;
  await reconcileUntil(world, "open nodes", async () => started.every(isOpen));
  for (const [index, instanceId] of started.entries()) bindPod(world, `pod-${index + 1}`, `node-${instanceId}`);
  for (const pod of ["pod-1", "pod-2"]) world.kube.objects.delete(paths.pod("default", pod));
  await world.reconcilePool();
  world.advance(6 * MINUTE);
  const stopped = () => world.ec2.inState("stopping", "stopped").map(({ instanceId }) => instanceId);
  await reconcileUntil(world, "stops", async () => stopped().length > 0);
  expect(stopped()).toEqual(started.slice(0, 2));
});
