import { describe, expect, it } from "vitest";
import { conditionOf, isReady } from "../../../../../local/kubernetes/objects/objects.ts";
import { aPod, aReadyNode, createStage } from "../../stage.ts";

const SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown:NoSchedule";
const UNREACHABLE = ["node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"];

const ready = (stage: ReturnType<typeof createStage>, name: string) => {
  const node = stage.node(name);
  return node && conditionOf(node, "Ready")?.status;
};

describe("a node whose instance stops", () => {
  it("turns Unknown between 40 and 56 s later and is tainted unreachable and shut down", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(39);
    expect(ready(stage, privateDnsName)).toBe("True");
    expect(stage.taints(privateDnsName)).toEqual([]);
    await stage.advance(17);
    expect(ready(stage, privateDnsName)).toBe("Unknown");
    await stage.advance(6);
    expect(stage.taints(privateDnsName).toSorted()).toEqual([SHUTDOWN, ...UNREACHABLE]);
  });

  it("loses those taints once it is Ready again, the shutdown taint within 5 s", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    stage.machines.start(instanceId);
    while (ready(stage, privateDnsName) !== "True") await stage.advance(0.1);
    await stage.advance(0.05);
    expect(stage.taints(privateDnsName)).not.toContain("node.kubernetes.io/unreachable:NoSchedule");
    await stage.advance(5.1);
    expect(stage.taints(privateDnsName)).toEqual([]);
  });

  it("gets the shutdown taint back while its instance is stopped", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    stage.changeNode(privateDnsName, ({ spec }) => {
      spec.taints = [];
    });
    await stage.advance(5.1);
    expect(stage.taints(privateDnsName)).toContain(SHUTDOWN);
  });

  it("is deleted with its pods when the instance terminates", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.store.create("pods", aPod("server"));
    await stage.advance(2);
    stage.machines.terminate(instanceId);
    await stage.advance(65);
    expect(stage.node(privateDnsName)).toBeUndefined();
    expect(stage.pod("server")).toBeDefined();
    await stage.advance(65);
    expect(stage.pod("server")).toBeUndefined();
  });
});

describe("a node", () => {
  it("turns Unknown when the kubelet dies on a running instance, without the shutdown taint", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage);
    stage.cluster.faults.killKubelet(privateDnsName);
    await stage.advance(70);
    expect(ready(stage, privateDnsName)).toBe("Unknown");
    expect(stage.taints(privateDnsName)).not.toContain(SHUTDOWN);
  });

  it("has the unschedulable taint while it is cordoned", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage);
    const cordon = (unschedulable: boolean) =>
      stage.changeNode(privateDnsName, ({ spec }) => {
        spec.unschedulable = unschedulable;
      });
    cordon(true);
    await stage.advance(0.1);
    expect(stage.taints(privateDnsName)).toEqual(["node.kubernetes.io/unschedulable:NoSchedule"]);
    cordon(false);
    await stage.advance(0.1);
    expect(stage.taints(privateDnsName)).toEqual([]);
  });

  it("causes no writes while nothing changes", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    await stage.advance(30);
    const before = stage.store.version();
    await stage.advance(3600);
    expect(stage.store.version()).toBe(before);
  });
});

describe("a NoExecute taint", () => {
  const taint = (stage: ReturnType<typeof createStage>, name: string) =>
    stage.changeNode(name, ({ spec }) => {
      spec.taints = [...(spec.taints ?? []), { key: "stratos.sh/standby", effect: "NoExecute" }];
    });

  it("evicts pods without a toleration at once, and others after their tolerationSeconds", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage);
    const toleration = { key: "stratos.sh/standby", operator: "Exists", effect: "NoExecute" };
    stage.store.create("pods", aPod("stranger"));
    stage.store.create("pods", aPod("temporary", { tolerations: [{ ...toleration, tolerationSeconds: 60 }] }));
    stage.store.create("pods", aPod("resident", { tolerations: [toleration] }));
    await stage.advance(2);
    taint(stage, privateDnsName);
    await stage.advance(3);
    expect(stage.pod("stranger")).toBeUndefined();
    expect(stage.pod("temporary")).toSatisfy(isReady);
    await stage.advance(60);
    expect(stage.pod("temporary")).toBeUndefined();
    expect(stage.pod("resident")).toSatisfy(isReady);
  });

  it("does not evict a pod if it is removed before tolerationSeconds expire", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage);
    const tolerations = [{ key: "stratos.sh/standby", operator: "Exists", tolerationSeconds: 60 }];
    stage.store.create("pods", aPod("temporary", { tolerations }));
    await stage.advance(2);
    taint(stage, privateDnsName);
    await stage.advance(30);
    stage.changeNode(privateDnsName, ({ spec }) => {
      spec.taints = [];
    });
    await stage.advance(60);
    expect(stage.pod("temporary")).toSatisfy(isReady);
  });

  it("evicts pods from an unreachable node after the default 300 s", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage);
    stage.store.create("pods", aPod("server"));
    await aReadyNode(stage);
    stage.cluster.faults.killKubelet(privateDnsName);
    await stage.advance(300);
    expect(stage.pod("server")?.metadata.deletionTimestamp).toBeUndefined();
    await stage.advance(70);
    expect(stage.pod("server")?.metadata.deletionTimestamp).toBeDefined();
  });
});
