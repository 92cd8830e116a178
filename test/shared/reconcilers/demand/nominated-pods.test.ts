/** Pods that the scheduler has nominated to a node by preemption, which may be gone since. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

const MINUTE = 60_000;

const withNominatedPod = async (): Promise<World> => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 1 } });
  addPendingPod(world, "pod");
  world.kube.change(paths.pod("default", "pod"), { status: { nominatedNodeName: "elsewhere" } });
  return world;
};

/** The number of nodes that are started in as many minutes, looked at whenever demand asks for it. */
const startsWithin = async (world: World, minutes: number): Promise<number> => {
  const end = world.now() + minutes * MINUTE;
  while (world.now() < end) {
    const { requeueAt } = await world.reconcileDemand();
    if (requeueAt === undefined) break;
    world.advance(requeueAt - world.now());
  }
  return world.ec2.starts.flat().length;
};

describe("a pod that is nominated to a node", () => {
  it("starts one node if the nominated one is gone", async () => {
    const world = await withNominatedPod();
    expect(await startsWithin(world, 3)).toBe(1);
  });

  it("starts a node only after five minutes if the nominated one, which is of no pool, exists", async () => {
    const world = await withNominatedPod();
    world.kube.put(paths.node("elsewhere"), { metadata: { name: "elsewhere" }, spec: {} });
    expect(await startsWithin(world, 4)).toBe(0);
    expect(await startsWithin(world, 2)).toBe(1);
  });

  it("starts a node once the nominated one is deleted", async () => {
    const world = await withNominatedPod();
    world.kube.put(paths.node("elsewhere"), { metadata: { name: "elsewhere" }, spec: {} });
    expect(await startsWithin(world, 1)).toBe(0);
    await world.kube.port.delete(paths.node("elsewhere"));
    expect(await startsWithin(world, 1)).toBe(1);
  });
});
