import { describe, expect, it } from "vitest";
import { conditionOf } from "../../../../local/kubernetes/objects.ts";
import { aPod, setStage } from "../stage.ts";
import { addNode } from "./bare-node.ts";

const message = (stage: ReturnType<typeof setStage>, name: string) => {
  const pod = stage.pod(name);
  const condition = pod && conditionOf(pod, "PodScheduled");
  return condition && `${condition.status} ${condition.reason ?? ""} ${condition.message ?? ""}`;
};

const nodesOf = (stage: ReturnType<typeof setStage>, prefix: string) =>
  stage.pods(prefix).flatMap(({ spec }) => spec.nodeName ?? []);

describe("the scheduler", () => {
  it("binds a pod within 50 ms and says so", async () => {
    const stage = setStage();
    addNode(stage, "a");
    stage.store.create("pods", aPod("p"));
    await stage.advance(0.05);
    expect(nodesOf(stage, "p")).toEqual(["a"]);
    expect(message(stage, "p")).toMatch(/^True/);
    expect(stage.store.list("events").map(({ message: text }) => text)).toContain(
      "Successfully assigned default/p to a",
    );
  });

  it("says of each node why it does not take a pod, in kube-scheduler's words", async () => {
    const stage = setStage();
    addNode(stage, "small", { cpu: "1" });
    addNode(stage, "cordoned", { unschedulable: true });
    addNode(stage, "tainted", { taints: [{ key: "team", value: "a", effect: "NoSchedule" }] });
    addNode(stage, "other", { labels: { zone: "b" } });
    stage.store.create("pods", aPod("p", { requests: { cpu: "1500m", memory: "9Gi" }, nodeSelector: { zone: "a" } }));
    stage.changeNode("small", ({ metadata }) => {
      metadata.labels = { zone: "a" };
    });
    await stage.advance(0.1);
    expect(message(stage, "p")).toBe(
      "False Unschedulable 0/4 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, " +
        "1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint(s), " +
        "1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/4 nodes are available: " +
        "4 Preemption is not helpful for scheduling.",
    );
  });

  it("says that there are no nodes where there are none", async () => {
    const stage = setStage();
    stage.store.create("pods", aPod("p"));
    await stage.advance(0.1);
    expect(message(stage, "p")).toBe("False Unschedulable no nodes available to schedule pods");
  });

  it("tries again at once when a node comes, is uncordoned, loses a taint or gets room", async () => {
    const stage = setStage();
    const small = { requests: { cpu: "1500m" } };
    addNode(stage, "cordoned", { unschedulable: true });
    stage.store.create("pods", aPod("a", small));
    await stage.advance(10);
    expect(nodesOf(stage, "a")).toEqual([]);
    stage.changeNode("cordoned", ({ spec }) => {
      spec.unschedulable = false;
    });
    await stage.advance(0.1);
    expect(nodesOf(stage, "a")).toEqual(["cordoned"]);
    stage.store.create("pods", aPod("b", small));
    await stage.advance(10);
    expect(nodesOf(stage, "b")).toEqual([]);
    stage.store.remove("pods", "a", "default", { gracePeriodSeconds: 0 });
    await stage.advance(0.1);
    expect(nodesOf(stage, "b")).toEqual(["cordoned"]);
    stage.store.create("pods", aPod("c", small));
    await stage.advance(10);
    addNode(stage, "new");
    await stage.advance(0.1);
    expect(nodesOf(stage, "c")).toEqual(["new"]);
  });

  it("counts a pod that is leaving until it is gone, and one that has finished not at all", async () => {
    const stage = setStage();
    addNode(stage, "a");
    stage.store.create("pods", aPod("first", { requests: { cpu: "2" } }));
    await stage.advance(0.1);
    stage.store.remove("pods", "first", "default");
    stage.store.create("pods", aPod("second", { requests: { cpu: "2" } }));
    await stage.advance(5);
    expect(nodesOf(stage, "second")).toEqual([]);
    stage.store.change<ReturnType<typeof aPod>>("pods", "first", "default", ({ status }) => {
      status.phase = "Succeeded";
    });
    await stage.advance(0.1);
    expect(nodesOf(stage, "second")).toEqual(["a"]);
  });

  it("places pods of higher priority first", async () => {
    const stage = setStage();
    stage.store.create("pods", aPod("low", { requests: { cpu: "2" } }));
    stage.store.create("pods", aPod("high", { requests: { cpu: "2" }, priority: 10 }));
    await stage.advance(1);
    addNode(stage, "a");
    await stage.advance(0.1);
    expect([nodesOf(stage, "high"), nodesOf(stage, "low")]).toEqual([["a"], []]);
  });

  it("leaves a gated pod alone until its gates are gone", async () => {
    const stage = setStage();
    addNode(stage, "a");
    stage.store.create("pods", aPod("p", { schedulingGates: [{ name: "wait" }] }));
    await stage.advance(1);
    expect(message(stage, "p")).toMatch(/^False SchedulingGated/);
    stage.store.change<ReturnType<typeof aPod>>("pods", "p", "default", ({ spec }) => {
      spec.schedulingGates = [];
    });
    await stage.advance(0.1);
    expect(nodesOf(stage, "p")).toEqual(["a"]);
  });

  it("leaves pods of other schedulers alone", async () => {
    const stage = setStage();
    addNode(stage, "a");
    stage.store.create("pods", aPod("p", { schedulerName: "mine" }));
    await stage.advance(1);
    expect(nodesOf(stage, "p")).toEqual([]);
    expect(message(stage, "p")).toBeUndefined();
  });

  it("prefers the emptier node, and one without a PreferNoSchedule taint", async () => {
    const stage = setStage();
    addNode(stage, "full");
    stage.store.create("pods", aPod("load", { requests: { cpu: "1" }, nodeName: "full" }));
    addNode(stage, "free");
    stage.store.create("pods", aPod("p", { requests: { cpu: "100m" } }));
    await stage.advance(0.1);
    expect(nodesOf(stage, "p")).toEqual(["free"]);
    stage.changeNode("free", ({ spec }) => {
      spec.taints = [{ key: "soft", effect: "PreferNoSchedule" }];
    });
    stage.store.create("pods", aPod("q", { requests: { cpu: "100m" } }));
    await stage.advance(0.1);
    expect(nodesOf(stage, "q")).toEqual(["full"]);
  });

  it("decides about 10 000 pods on 500 nodes in a few seconds", async () => {
    const stage = setStage();
    for (let index = 0; index < 500; index += 1) addNode(stage, `n${index}`, { cpu: "16", pods: "110" });
    for (let index = 0; index < 10_000; index += 1) {
      stage.store.create("pods", aPod(`p${index}`, { requests: { cpu: "1" } }));
    }
    // Of the processor: a busy machine takes longer.
    const before = process.cpuUsage();
    await stage.advance(1);
    expect(nodesOf(stage, "p")).toHaveLength(8000);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1_000_000).toBeLessThan(20);
  });
});
