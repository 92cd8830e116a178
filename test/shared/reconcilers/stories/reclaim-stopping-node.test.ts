import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { startTable, type TestTable } from "../../dynamo.ts";
import { addPendingPod, bindPod, reconcileUntil, states, type World, warmedUp } from "../world.ts";

let table: TestTable;

beforeAll(async () => {
  table = await startTable();
});

afterAll(() => table.stop());

const ATTACHMENT = "/apis/storage.k8s.io/v1/volumeattachments/csi-1";

/** A stopping node that was empty for emptyNodeTTL and is drained, except for a volume that is still attached. */
const withStoppingNode = async (): Promise<{ world: World; instanceId: string }> => {
  const world = await warmedUp({ table });
  addPendingPod(world, "first");
  await world.reconcileDemand();
  const [instanceId = ""] = world.ec2.starts.flat();
  await reconcileUntil(world, "an open node", async () => world.node(instanceId)?.spec?.taints?.length === 0);
  bindPod(world, "first", `node-${instanceId}`);
  world.kube.put(ATTACHMENT, { metadata: { name: "csi-1" }, spec: { nodeName: `node-${instanceId}` } });
  world.kube.objects.delete(paths.pod("default", "first"));
  await world.reconcilePool();
  world.advance(6 * 60_000);
  await reconcileUntil(world, "stopping", async () => (await states(world)).includes("stopping"));
  return { world, instanceId };
};

const stateOf = ({ ec2 }: World, instanceId: string) => ec2.instances.get(instanceId)?.state;

describe("a stopping node", () => {
  it("is reclaimed for pods that arrive before EC2 is asked to stop it, and nothing else is started for them", async () => {
    const { world, instanceId } = await withStoppingNode();
    const starts = world.ec2.starts.length;
    addPendingPod(world, "second");
    await world.reconcileDemand();
    await world.reconcileDemand();
    expect(world.ec2.starts.length).toBe(starts);
    expect(world.node(instanceId)?.spec?.unschedulable).not.toBe(true);
    expect(world.node(instanceId)?.metadata.labels?.["stratos.sh/state"]).toBe("running");
    bindPod(world, "second", `node-${instanceId}`);
    for (let round = 0; round < 5; round += 1) {
      await world.reconcilePool();
      world.advance();
    }
    expect(stateOf(world, instanceId)).toBe("running");
  });

  it("is not reclaimed once its stop is recorded; standby is started instead", async () => {
    const { world, instanceId } = await withStoppingNode();
    world.kube.objects.delete(ATTACHMENT);
    world.ec2.refusals.stopInstances = Object.assign(new Error("slow down"), { name: "RequestLimitExceeded" });
    await world.reconcilePool().catch(() => {});
    addPendingPod(world, "second");
    await world.reconcileDemand();
    expect(world.ec2.starts.at(-1)).not.toContain(instanceId);
    delete world.ec2.refusals.stopInstances;
    await world.reconcilePool();
    expect(stateOf(world, instanceId)).toBe("stopping");
  });

  it("is not stopped if it is reclaimed after the pool decided to stop it", async () => {
    const { world, instanceId } = await withStoppingNode();
    world.kube.objects.delete(ATTACHMENT);
    addPendingPod(world, "second");
    // Demand reconciles between the read and the write of the pool.
    const { write } = world.ports.slots;
    let raced = false;
    Object.assign(world.ports.slots, {
      write: async (...args: Parameters<typeof write>) => {
        if (!raced) {
          raced = true;
          await world.reconcileDemand();
        }
        return write(...args);
      },
    });
    await world.reconcilePool();
    expect(raced).toBe(true);
    expect(stateOf(world, instanceId)).toBe("running");
    expect(world.node(instanceId)?.spec?.unschedulable).not.toBe(true);
  });
});
