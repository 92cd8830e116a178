import { describe, expect, it } from "vitest";
import { createOtherAutoscaler } from "../../../../local/kubernetes/actors/other-autoscaler.ts";
import { createPerson } from "../../../../local/kubernetes/actors/people.ts";
import { nodeAccess } from "../../../../local/kubernetes/actors/store-access.ts";
import { tolerateAllDeployment } from "../../../../local/kubernetes/actors/tolerate-all.ts";
import { addNode } from "../scheduler/bare-node.ts";
import { aReadyNode, createStage } from "../stage.ts";

const aTaint = { key: "example.com/repair", effect: "NoSchedule" };

describe("a person", () => {
  it("cordons, uncordons, labels, taints and deletes nodes", async () => {
    const stage = createStage();
    addNode(stage, "n1", { taints: [aTaint] });
    const person = createPerson(nodeAccess(stage.store));
    person.cordon("n1");
    person.label("n1", "team", "a");
    person.taint("n1", { ...aTaint, value: "today" });
    await stage.advance(1);
    expect(stage.node("n1")).toMatchObject({ metadata: { labels: { team: "a" } }, spec: { unschedulable: true } });
    expect(stage.node("n1")?.spec.taints).toContainEqual({ ...aTaint, value: "today" });
    person.uncordon("n1");
    person.label("n1", "team", undefined);
    person.untaint("n1", aTaint.key);
    expect(stage.node("n1")?.spec.unschedulable).toBeUndefined();
    expect(stage.node("n1")?.metadata.labels).not.toHaveProperty("team");
    expect(stage.taints("n1")).not.toContain("example.com/repair:NoSchedule");
    person.deleteNode("n1");
    expect(stage.node("n1")).toBeUndefined();
  });
});

describe("another autoscaler", () => {
  it.each([
    ["cluster-autoscaler", "ToBeDeletedByClusterAutoscaler:NoSchedule"],
    ["karpenter", "karpenter.sh/disrupted:NoSchedule"],
  ] as const)("%s taints the nodes that it removes", (name, taint) => {
    const stage = createStage();
    addNode(stage, "n1");
    const autoscaler = createOtherAutoscaler(name, nodeAccess(stage.store));
    autoscaler.chooseForRemoval("n1");
    expect(stage.taints("n1")).toContain(taint);
    autoscaler.changeItsMind("n1");
    expect(stage.taints("n1")).toEqual([]);
    autoscaler.remove("n1");
    expect(stage.node("n1")).toBeUndefined();
  });
});

describe("a Deployment that tolerates everything", () => {
  it("is bound to a stopped node rather than to a busy one, and waits there", async () => {
    const stage = createStage();
    addNode(stage, "busy", { pods: "1" });
    const { privateDnsName, instanceId } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    createPerson(nodeAccess(stage.store)).cordon(privateDnsName);
    await stage.advance(120);
    stage.store.create("deployments.apps", tolerateAllDeployment("tigera-operator", 2));
    await stage.advance(600);
    const bound = stage.pods("tigera-operator-").filter(({ spec }) => spec.nodeName === privateDnsName);
    expect(bound).toMatchObject([{ status: { phase: "Pending" } }]);
  });

  it("returns to a cordoned node after each deletion", async () => {
    const stage = createStage();
    const { privateDnsName } = await aReadyNode(stage);
    createPerson(nodeAccess(stage.store)).cordon(privateDnsName);
    stage.store.create("deployments.apps", tolerateAllDeployment("tigera-operator"));
    await stage.advance(10);
    const [first] = stage.pods("tigera-operator-");
    stage.store.remove("pods", first?.metadata.name ?? "", "default");
    await stage.advance(60);
    const [second] = stage.pods("tigera-operator-");
    expect(second?.metadata.name).not.toBe(first?.metadata.name);
    expect(second).toMatchObject({ spec: { nodeName: privateDnsName }, status: { phase: "Running" } });
  });
});
