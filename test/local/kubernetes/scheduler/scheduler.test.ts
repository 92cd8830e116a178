import { describe, expect, it } from "vitest";
import { conditionOf } from "../../../../local/kubernetes/objects/objects.ts";
import { aPod, createStage } from "../stage.ts";
import { addNode } from "./bare-node.ts";

const message = (stage: ReturnType<typeof createStage>, name: string) => {
  const pod = stage.pod(name);
  const condition = pod && conditionOf(pod, "PodScheduled");
  return condition && `${condition.status} ${condition.reason ?? ""} ${condition.message ?? ""}`;
};

const nodesOf = (stage: ReturnType<typeof createStage>, prefix: string) =>
  stage.pods(prefix).flatMap(({ spec }) => spec.nodeName ?? []);

describe("the scheduler", () => {
  it("binds a pod within 50 ms and records an event", async () => {
    const stage = createStage();
    addNode(stage, "a");
    stage.store.create("pods", aPod("p"));
    await stage.advance(0.05);
    expect(nodesOf(stage, "p")).toEqual(["a"]);
    expect(message(stage, "p")).toMatch(/^True/);
    expect(stage.store.list("events").map(({ message: text }) => text)).toContain(
      "Successfully assigned default/p to a",
    );
  });

  it("reports why each node does not fit, in kube-scheduler's words", async () => {
    const stage = createStage();
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

  it("reports that there are no nodes", async () => {
    const stage = createStage();
    stage.store.create("pods", aPod("p"));
    await stage.advance(0.1);
    expect(message(stage, "p")).toBe("False Unschedulable no nodes available to schedule pods");
  });

  it("retries at once when a node is added or uncordoned, or when capacity becomes free", async () => {
    const stage = createStage();
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

  it("counts a terminating pod until it is gone, but not a finished one", async () => {
    const stage = createStage();
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

  it("schedules pods of higher priority first", async () => {
    const stage = createStage();
    stage.store.create("pods", aPod("low", { requests: { cpu: "2" } }));
    stage.store.create("pods", aPod("high", { requests: { cpu: "2" }, priority: 10 }));
    await stage.advance(1);
    addNode(stage, "a");
    await stage.advance(0.1);
    expect([nodesOf(stage, "high"), nodesOf(stage, "low")]).toEqual([["a"], []]);
  });

  it("does not schedule a gated pod until its gates are removed", async () => {
    const stage = createStage();
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

  it("ignores pods of other schedulers", async () => {
    const stage = createStage();
    addNode(stage, "a");
    stage.store.create("pods", aPod("p", { schedulerName: "mine" }));
    await stage.advance(1);
    expect(nodesOf(stage, "p")).toEqual([]);
    expect(message(stage, "p")).toBeUndefined();
  });

  it("prefers the node with more free capacity, and nodes without a PreferNoSchedule taint", async () => {
    const stage = createStage();
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

  it("schedules 10,000 pods on 500 nodes", async () => {
    const stage = createStage();
    for (let index = 0; index < 500; index += 1) addNode(stage, `n${index}`, { cpu: "16", pods: "110" });
    for (let index = 0; index < 10_000; index += 1) {
      stage.store.create("pods", aPod(`p${index}`, { requests: { cpu: "1" } }));
    }
    await stage.advance(1);
    expect(nodesOf(stage, "p")).toHaveLength(8000);
  });
});
