/** The clock of a machine is off after its boot until its time service corrects it, and the kubelet's times with it. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

/** Starts a node whose kubelet reports Ready with a time that differs from the start's by `offsetMs`; the kubelet does not report again. */
const startedWith = async (offsetMs: number): Promise<{ world: World; instanceId: string }> => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
  addPendingPod(world, "pod");
  await world.reconcileDemand();
  const [instanceId = ""] = world.ec2.starts.flat();
  const time = new Date(world.now() + offsetMs).toISOString();
  for (let round = 0; round < 6; round += 1) {
    world.advance();
    const conditions = ["Ready", "NetworkingReady"].map((type) => ({ type, status: "True", lastTransitionTime: time }));
    world.kube.change(paths.node(`node-${instanceId}`), { status: { conditions } });
    await world.reconcilePool();
  }
  return { world, instanceId };
};

describe("a started node", () => {
  it("is opened to pods when its kubelet has reported Ready", async () => {
    const { world, instanceId } = await startedWith(15_000);
    expect(world.node(instanceId)?.spec?.taints).toEqual([]);
  });

  it("is opened to pods although its clock is behind by more than the boot took [skew]", async () => {
    const { world, instanceId } = await startedWith(-5_000);
    expect(world.node(instanceId)?.spec?.taints).toEqual([]);
  });

  it("is opened to pods although its clock is ahead by minutes", async () => {
    const { world, instanceId } = await startedWith(180_000);
    expect(world.node(instanceId)?.spec?.taints).toEqual([]);
  });
});
