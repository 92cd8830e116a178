import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { NodePool } from "../../../../shared/model/api/types.ts";
import { INTERRUPTION_KINDS, interruptEveryCall, recoverUntil } from "../every-call.ts";
import {
  addPendingPod,
  createWorld,
  living,
  reconcileUntil,
  replenishments,
  states,
  type World,
  warmedUp,
} from "../world.ts";

const changeImage = ({ kube }: World) => kube.change(paths.nodeClass("workers"), { status: { resolvedAMI: "ami-2" } });

const statusOf = ({ kube, pool }: World) => kube.at<NodePool>(paths.nodePool(pool))?.status;

const isReplaced = async (world: World, count = 2): Promise<boolean> =>
  (await states(world)).every((state) => state === "standby") &&
  living(world).length === count &&
  living(world).every(({ imageId }) => imageId === "ami-2");

const standbyCount = async (world: World) => (await states(world)).filter((state) => state === "standby").length;

const POOLS = [
  { name: "with a slot for a third instance", poolSize: 3, atLeast: 2 },
  { name: "that is full", poolSize: 2, atLeast: 1 },
] as const;

describe.each(POOLS)("drifted standby of a pool $name", ({ poolSize, atLeast }) => {
  const start = async () => {
    const world = await warmedUp({ spec: { poolSize, minStandby: 2 } });
    changeImage(world);
    return world;
  };

  it("is replaced, and never more of it is missing than allowed", async () => {
    const world = await start();
    const ready: number[] = [];
    await reconcileUntil(world, "new standby", async () => {
      ready.push(await standbyCount(world));
      return isReplaced(world);
    });
    expect(Math.min(...ready)).toBe(atLeast);
    expect(world.ec2.instances.size).toBe(4);
    // In a full pool, what was terminated leaves standby to replenish.
    expect(replenishments(world)).toContain(
      poolSize > 2 ? "launching 1 to replace drifted standby" : "launching 1; 1 of 2 are standby",
    );
  });

  it.each(INTERRUPTION_KINDS)("is replaced once if a function %s a call", async (kind) => {
    const max = poolSize - 1;
    const startOne = async () => {
      const world = await warmedUp({ spec: { poolSize: max, minStandby: 1 } });
      changeImage(world);
      return world;
    };
    const calls = await interruptEveryCall(kind, startOne, async (world) => {
      await recoverUntil(
        world,
        world.reconcilePool,
        () => isReplaced(world, 1),
        () => expect(living(world).length).toBeLessThanOrEqual(max),
      );
      expect(world.ec2.instances.size).toBe(2);
    });
    expect(calls).toBeGreaterThan(30);
  });
});

describe("drifted standby", () => {
  it("is kept while pods are pending that it could serve", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    changeImage(world);
    addPendingPod(world, "pod");
    await world.reconcilePool();
    expect(await states(world)).toEqual(["standby", "standby"]);
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("is replaced if those pods have been pending for more than ten minutes", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    changeImage(world);
    addPendingPod(world, "pod");
    world.advance(10 * 60_000);
    await world.reconcilePool();
    expect(await states(world)).toContain("terminating");
  });

  it("is replaced if the pending pods do not fit the nodes of the pool", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    changeImage(world);
    addPendingPod(world, "pod");
    world.kube.change(paths.pod("default", "pod"), { spec: { nodeSelector: { "example.com/gpu": "yes" } } });
    await world.reconcilePool();
    expect(await states(world)).toContain("terminating");
  });
});

it("an instance whose record was lost is still replaced when it drifts", async () => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
  await reconcileUntil(world, "tags", async () =>
    living(world).every(({ tags }) => tags["stratos.sh/state"] === "standby"),
  );
  for (const record of await world.records())
    await world.ports.slots.free({ cluster: "test", pool: world.pool }, record);
  changeImage(world);
  await reconcileUntil(world, "new standby", () => isReplaced(world));
});

describe("an instance with its class's own user data", () => {
  const agent = {
    metadata: { name: "agent", namespace: "kube-system" },
    spec: { template: { spec: { containers: [{ name: "agent", image: "example.com/agent:v1" }] } } },
  };

  it("becomes standby without the images of DaemonSets, and drifts when these change", async () => {
    const world = createWorld();
    const path = "/apis/apps/v1/namespaces/kube-system/daemonsets/agent";
    world.kube.put(path, agent);
    await reconcileUntil(world, "standby", async () => (await states(world)).join() === "standby,standby");
    const degraded = statusOf(world)?.conditions?.find(({ type }) => type === "Degraded");
    expect(degraded).toMatchObject({ status: "False" });
    const image = "example.com/agent:v2";
    world.kube.change(path, { spec: { template: { spec: { containers: [{ name: "agent", image }] } } } });
    await world.reconcilePool();
    expect(statusOf(world)?.stale).toBe(2);
  });
});
