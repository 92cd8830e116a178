import { describe, expect, it } from "vitest";
import { isReady } from "../../../../local/kubernetes/objects/objects.ts";
import { aPod, aReadyNode, createStage } from "../stage.ts";

const GPU = "nvidia.com/gpu";
const A_GPU_MACHINE = { instanceType: "g5.xlarge", vcpus: 4, memoryMiB: 16_384 };

const gpusOf = (stage: ReturnType<typeof createStage>, name: string) => {
  const status = stage.node(name)?.status;
  return [status?.capacity?.[GPU], status?.allocatable?.[GPU]];
};

describe("a GPU node", () => {
  it("reports no GPU at all before its device plugin has registered for the first time", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage, A_GPU_MACHINE);
    expect(stage.node(privateDnsName)).toSatisfy(isReady);
    expect(gpusOf(stage, privateDnsName)).toEqual([undefined, undefined]);
    await stage.advance(30);
    expect(gpusOf(stage, privateDnsName)).toEqual(["1", "1"]);
  });

  it("reports 0 after a later boot until the plugin registers again, and the last number while it is stopped", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage, A_GPU_MACHINE);
    await stage.advance(30);
    stage.machines.stop(instanceId);
    await stage.advance(120);
    expect(gpusOf(stage, privateDnsName)).toEqual(["1", "1"]);
    stage.machines.start(instanceId);
    await stage.advance(6);
    expect(stage.node(privateDnsName)).toSatisfy(isReady);
    expect(gpusOf(stage, privateDnsName)).toEqual(["0", "0"]);
    await stage.advance(30);
    expect(gpusOf(stage, privateDnsName)).toEqual(["1", "1"]);
  });

  it("keeps a pod that requests a GPU waiting until then", async () => {
    const stage = createStage({ nodes: { devicePluginMs: { min: 180_000, spread: 0 } } });
    await aReadyNode(stage, A_GPU_MACHINE);
    stage.store.create("pods", aPod("training", { requests: { [GPU]: "1" } }));
    await stage.advance(150);
    expect(stage.pod("training")?.spec.nodeName).toBeUndefined();
    await stage.advance(40);
    expect(stage.pod("training")?.status.phase).toBe("Running");
  });
});
