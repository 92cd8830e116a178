import { describe, expect, it } from "vitest";
import { conditionOf, isReady } from "../../../../../local/kubernetes/objects.ts";
import { aPod, aReadyNode, setStage } from "../../stage.ts";

const SHUTDOWN = "node.cloudprovider.kubernetes.io/shutdown:NoSchedule";
const UNREACHABLE = ["node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"];

const ready = (stage: ReturnType<typeof setStage>, name: string) => {
  const node = stage.node(name);
  return node && conditionOf(node, "Ready")?.status;
};

describe("a node whose instance stops", () => {
  it("turns Unknown between 40 and 56 s later and is tainted unreachable and shut down", async () => {
    const stage = setStage();
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

  it("loses those taints once it is Ready again, the cloud's within 5 s", async () => {
    const stage = setStage();
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

  it("gets the cloud's taint back while the cloud still says stopped", async () => {
    const stage = setStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    stage.changeNode(privateDnsName, ({ spec }) => {
      spec.taints = [];
    });
    await stage.advance(5.1);
    expect(stage.taints(privateDnsName)).toContain(SHUTDOWN);
  });

  it("is deleted with its pods when the instance was terminated", async () => {
    const stage = setStage();
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

describe("a node's health", () => {
  it("turns Unknown when kubelet dies on a running instance, without the cloud's taint", async () => {
    const stage = setStage();
    const { privateDnsName } = await aReadyNode(stage);
    stage.cluster.faults.killKubelet(privateDnsName);
    await stage.advance(70);
    expect(ready(stage, privateDnsName)).toBe("Unknown");
    expect(stage.taints(privateDnsName)).not.toContain(SHUTDOWN);
  });

  it("shows a cordon as a taint for as long as it lasts", async () => {
    const stage = setStage();
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

  it("writes nothing while nothing happens", async () => {
    const stage = setStage();
    await aReadyNode(stage);
    await stage.advance(30);
    const before = stage.store.version();
    await stage.advance(3600);
    expect(stage.store.version()).toBe(before);
  });
});

describe("a NoExecute taint", () => {
  const taint = (stage: ReturnType<typeof setStage>, name: string) =>
    stage.changeNode(name, ({ spec }) => {
      spec.taints = [...(spec.taints ?? []), { key: "stratos.sh/standby", effect: "NoExecute" }];
    });

  it("drives out at once the pods that do not tolerate it, and later those that do for a time", async () => {
    const stage = setStage();
    const { privateDnsName } = await aReadyNode(stage);
    const toleration = { key: "stratos.sh/standby", operator: "Exists", effect: "NoExecute" };
    stage.store.create("pods", aPod("stranger"));
    stage.store.create("pods", aPod("guest", { tolerations: [{ ...toleration, tolerationSeconds: 60 }] }));
    stage.store.create("pods", aPod("resident", { tolerations: [toleration] }));
    await stage.advance(2);
    taint(stage, privateDnsName);
    await stage.advance(3);
    expect(stage.pod("stranger")).toBeUndefined();
    expect(stage.pod("guest")).toSatisfy(isReady);
    await stage.advance(60);
    expect(stage.pod("guest")).toBeUndefined();
    expect(stage.pod("resident")).toSatisfy(isReady);
  });

  it("spares a pod when it goes before the pod's time is over", async () => {
    const stage = setStage();
    const { privateDnsName } = await aReadyNode(stage);
    const tolerations = [{ key: "stratos.sh/standby", operator: "Exists", tolerationSeconds: 60 }];
    stage.store.create("pods", aPod("guest", { tolerations }));
    await stage.advance(2);
    taint(stage, privateDnsName);
    await stage.advance(30);
    stage.changeNode(privateDnsName, ({ spec }) => {
      spec.taints = [];
    });
    await stage.advance(60);
    expect(stage.pod("guest")).toSatisfy(isReady);
  });

  it("makes pods of an unreachable node leave after the 300 s that each pod is given by default", async () => {
    const stage = setStage();
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
