/** What kubelets and the cloud-controller-manager of a cluster do late: Ready of a machine that shuts down, nodes that are not initialized. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import { addPendingPod, type World, warmedUp, withNodeInUse } from "../world.ts";

const UNINITIALIZED = {
  key: "node.cloudprovider.kubernetes.io/uninitialized",
  value: "true",
  effect: "NoSchedule",
} as const;

const bootOf = (world: World, instanceId: string): string => world.node(instanceId)?.status?.nodeInfo?.bootID ?? "";

/** The kubelet of the boot before reports Ready. */
const reportReady = (world: World, instanceId: string, at: number, bootID = bootOf(world, instanceId)): void => {
  const lastTransitionTime = new Date(at).toISOString();
  const conditions = ["Ready", "NetworkingReady"].map((type) => ({ type, status: "True", lastTransitionTime }));
  world.kube.change(paths.node(`node-${instanceId}`), { status: { conditions, nodeInfo: { bootID } } });
};

describe("a kubelet that reports Ready while its instance is stopping", () => {
  const stopping = async (): Promise<{ world: World; instanceId: string }> => {
    const { world, instanceId } = await withNodeInUse();
    world.kube.objects.delete(paths.pod("default", "pod"));
    for (let round = 0; round < 60; round += 1) {
      if (world.ec2.instances.get(instanceId)?.state === "stopping") return { world, instanceId };
      world.advance();
      await world.reconcilePool();
    }
    throw new Error("the node did not stop");
  };

  it("does not open the node to pods", async () => {
    const { world, instanceId } = await stopping();
    reportReady(world, instanceId, world.now() + 4_000);
    await world.reconcilePool();
    expect(world.node(instanceId)?.spec).toMatchObject({ unschedulable: true });
    expect(world.ec2.instances.get(instanceId)?.state).toBe("stopping");
  });

  it("does not make the node Ready for the start that follows at once", async () => {
    const { world, instanceId } = await stopping();
    const lateAt = world.now() + 4_000;
    const boot = bootOf(world, instanceId);
    world.advance();
    await world.reconcilePool();
    for (let index = 0; index < 2; index += 1) addPendingPod(world, `pod-${index}`, "1500m");
    await world.reconcileDemand();
    expect(world.ec2.starts.at(-1)).toContain(instanceId);
    world.advance();
    reportReady(world, instanceId, lateAt, boot);
    await world.reconcilePool();
    const record = (await world.records()).find((found) => found.instanceId === instanceId);
    expect(record?.readyAt).toBeUndefined();
  });
});

describe("standby that the cloud-controller-manager has not initialized", () => {
  it("is started after standby that it has [stopCloudController]", async () => {
    const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 } });
    const [first = "", second = ""] = world.ec2.instances.keys();
    const { taints = [] } = world.node(first)?.spec ?? {};
    world.kube.change(paths.node(`node-${first}`), { spec: { taints: [...taints, UNINITIALIZED] } });
    addPendingPod(world, "pod");
    await world.reconcileDemand();
    expect(world.ec2.starts.flat()).toEqual([second]);
  });
});
