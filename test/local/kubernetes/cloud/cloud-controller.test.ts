import { describe, expect, it } from "vitest";
import { aPod, aReadyNode, createStage } from "../stage.ts";

const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized:NoSchedule";
const SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown:NoSchedule";
const ZONE = "topology.kubernetes.io/zone";

describe("a node that the cloud-controller-manager has not initialized", () => {
  it("has its provider id but neither its zone nor its instance type, and a taint", async () => {
    const stage = createStage();
    stage.cluster.faults.stopCloudController(true);
    const { privateDnsName } = await aReadyNode(stage);
    const node = stage.node(privateDnsName);
    expect(node?.spec.providerID).toBe("aws:///us-east-1a/i-1");
    expect(node?.metadata.labels).not.toHaveProperty(ZONE);
    expect(node?.metadata.labels).not.toHaveProperty("node.kubernetes.io/instance-type");
    expect(node?.status.addresses).toEqual([
      { type: "InternalIP", address: "10.0.0.1" },
      { type: "Hostname", address: privateDnsName },
    ]);
    expect(stage.taints(privateDnsName)).toEqual([UNINITIALIZED]);
  });

  it("is initialized once the manager is back, and its pods are bound only then", async () => {
    const stage = createStage();
    stage.cluster.faults.stopCloudController(true);
    const { privateDnsName } = await aReadyNode(stage);
    stage.store.create("pods", aPod("server"));
    await stage.advance(60);
    expect(stage.pod("server")?.spec.nodeName).toBeUndefined();
    stage.cluster.faults.stopCloudController(false);
    await stage.advance(3);
    expect(stage.taints(privateDnsName)).toEqual([]);
    expect(stage.node(privateDnsName)?.metadata.labels).toMatchObject({ [ZONE]: "us-east-1a" });
    expect(stage.pod("server")?.status.phase).toBe("Running");
  });

  it("is initialized within two seconds of its registration", async () => {
    const stage = createStage();
    const seen: string[][] = [];
    stage.store.subscribe("nodes", ({ object }) => void seen.push(stage.taints(object.metadata.name)));
    const { privateDnsName } = await aReadyNode(stage);
    expect(seen[0]).toContain(UNINITIALIZED);
    expect(stage.taints(privateDnsName)).toEqual([]);
  });
});

describe("the cloud-controller-manager", () => {
  it("neither taints nor deletes nodes while it is down", async () => {
    const stage = createStage();
    const stopped = await aReadyNode(stage);
    const terminated = await aReadyNode(stage);
    stage.cluster.faults.stopCloudController(true);
    stage.machines.stop(stopped.instanceId);
    stage.machines.terminate(terminated.instanceId);
    await stage.advance(300);
    expect(stage.taints(stopped.privateDnsName)).not.toContain(SHUTDOWN);
    expect(stage.node(terminated.privateDnsName)).toBeDefined();
    stage.cluster.faults.stopCloudController(false);
    await stage.advance(6);
    expect(stage.taints(stopped.privateDnsName)).toContain(SHUTDOWN);
    expect(stage.node(terminated.privateDnsName)).toBeUndefined();
  });

  it("sees late that an instance has stopped if its reads lag", async () => {
    const stage = createStage({ nodes: { instanceLagMs: { min: 120_000, spread: 0 } } });
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    await stage.advance(120);
    stage.machines.stop(instanceId);
    await stage.advance(119);
    expect(stage.taints(privateDnsName)).not.toContain(SHUTDOWN);
    await stage.advance(7);
    expect(stage.taints(privateDnsName)).toContain(SHUTDOWN);
  });

  it("deletes a node whose instance it does not see yet", async () => {
    const stage = createStage({ nodes: { instanceLagMs: { min: 120_000, spread: 0 } } });
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(90);
    expect(stage.node(privateDnsName)).toBeUndefined();
  });

  it("puts the shutdown taint back on a started node that it still sees stopped", async () => {
    const stage = createStage({ nodes: { instanceLagMs: { min: 10_000, spread: 0 } } });
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(120);
    stage.machines.start(instanceId);
    stage.changeNode(privateDnsName, ({ spec }) => {
      spec.taints = [];
    });
    await stage.advance(1);
    expect(stage.taints(privateDnsName)).not.toContain(SHUTDOWN);
    while (!stage.taints(privateDnsName).includes(SHUTDOWN)) await stage.advance(1);
    await stage.advance(30);
    expect(stage.taints(privateDnsName)).toEqual([]);
  });
});
