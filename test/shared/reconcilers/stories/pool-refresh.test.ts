import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { interruptEveryCall, KINDS, liveUntil } from "../every-call.ts";
import { addPendingPod, living, reconcileUntil, states, type World, warmedUp } from "../world.ts";

const changeImage = ({ kube }: World) => kube.change(paths.nodeClass("workers"), { status: { resolvedAMI: "ami-2" } });

const isRenewed = async (world: World, count = 2): Promise<boolean> =>
  (await states(world)).every((state) => state === "standby") &&
  living(world).length === count &&
  living(world).every(({ imageId }) => imageId === "ami-2");

const standbyCount = async (world: World) => (await states(world)).filter((state) => state === "standby").length;

const POOLS = [
  { name: "with room for a third instance", poolSize: 3, atLeast: 2 },
  { name: "that is full", poolSize: 2, atLeast: 1 },
] as const;

describe.each(POOLS)("outdated standby of a pool $name", ({ poolSize, atLeast }) => {
  const start = async () => {
    const world = await warmedUp({ spec: { poolSize, minStandby: 2 } });
    changeImage(world);
    return world;
  };

  it("is replaced, and never more of it is gone than may be", async () => {
    const world = await start();
    const ready: number[] = [];
    await reconcileUntil(world, "new standby", async () => {
      ready.push(await standbyCount(world));
      return isRenewed(world);
    });
    expect(Math.min(...ready)).toBe(atLeast);
    expect(world.ec2.instances.size).toBe(4);
  });

  it.each(KINDS)("is replaced once, where a function %s a call", async (kind) => {
    const most = poolSize - 1;
    const startOne = async () => {
      const world = await warmedUp({ spec: { poolSize: most, minStandby: 1 } });
      changeImage(world);
      return world;
    };
    const calls = await interruptEveryCall(kind, startOne, async (world) => {
      await liveUntil(
        world,
        world.reconcilePool,
        () => isRenewed(world, 1),
        () => expect(living(world).length).toBeLessThanOrEqual(most),
      );
      expect(world.ec2.instances.size).toBe(2);
    });
    expect(calls).toBeGreaterThan(30);
  });
});

describe("while pods wait", () => {
  it("nothing that they could be served by is ended", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    changeImage(world);
    addPendingPod(world, "pod");
    await world.reconcilePool();
    expect(await states(world)).toEqual(["standby", "standby"]);
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toHaveLength(1);
  });

  it("for more than ten minutes, they wait for something else", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    changeImage(world);
    addPendingPod(world, "pod");
    world.advance(10 * 60_000);
    await world.reconcilePool();
    expect(await states(world)).toContain("terminating");
  });

  it("that the pool's nodes do not suit, they do not matter", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    changeImage(world);
    addPendingPod(world, "pod");
    world.kube.change(paths.pod("default", "pod"), { spec: { nodeSelector: { "example.com/gpu": "yes" } } });
    await world.reconcilePool();
    expect(await states(world)).toContain("terminating");
  });
});

it("an instance whose record is lost is still known to be outdated", async () => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
  await reconcileUntil(world, "tags", async () =>
    living(world).every(({ tags }) => tags["stratos.sh/state"] === "standby"),
  );
  for (const record of await world.records())
    await world.ports.slots.free({ cluster: "test", pool: world.pool }, record);
  changeImage(world);
  await reconcileUntil(world, "new standby", () => isRenewed(world));
});
