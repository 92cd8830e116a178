import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { AnObject } from "./api-server.ts";
import { aNode, aPendingPod, aPodOn, aPool, PATH } from "./builders.ts";
import { createStage, type Stage } from "./stage.ts";

const tolerant = (pod: AnObject): AnObject => ({
  ...pod,
  spec: { ...(pod.spec as object), tolerations: [{ operator: "Exists" }] },
});

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.stop());

test("reports all existing objects at start", async () => {
  stage.api.put(PATH.nodePools, aPool("ci"));
  stage.api.put(PATH.nodeClasses, { metadata: { name: "standard", uid: "1", generation: 1 } });
  for (const name of ["a", "b", "c"]) stage.api.put(PATH.nodes, aNode(name, "ci"));
  stage.api.put(PATH.pods, aPendingPod("web"));
  await stage.start();
  const events = new Set((await stage.events()).map((event) => event.replace(/ [abc]$/, "")));
  expect(events).toEqual(
    new Set(["AWSNodeClass Changed: standard", "Node Changed: ci", "NodePool Changed: ci", "Pods Unschedulable"]),
  );
});

describe("pods", () => {
  beforeEach(async () => {
    stage.api.put(PATH.nodes, aNode("node-1", "ci"));
    await stage.start();
    await stage.events();
  });

  test("that are unschedulable are reported immediately, and again after pauses of 10 s to 30 s while there are any", async () => {
    const countAfter = async (ms: number) => {
      await stage.clock.sleep(ms);
      return (await stage.events()).length;
    };
    stage.api.put(PATH.pods, aPendingPod("web"));
    expect(await stage.events()).toEqual(["Pods Unschedulable"]);
    expect(await countAfter(10_500)).toBe(1);
    expect(await countAfter(10_000)).toBe(0);
    expect(await countAfter(10_000)).toBe(1);
    expect(await countAfter(60_000)).toBe(2);
    stage.api.put(PATH.pods, aPendingPod("api"));
    expect(await stage.events()).toEqual(["Pods Unschedulable"]);
    expect(await countAfter(10_500)).toBe(1);
    stage.api.remove(PATH.pods, "web");
    stage.api.remove(PATH.pods, "api");
    await stage.clock.sleep(60_000);
    expect(await stage.events()).toEqual([]);
  });

  test.each([
    ["of a DaemonSet", aPendingPod("x", { ownerReferences: [{ kind: "DaemonSet", name: "d", controller: true }] })],
    ["being deleted", aPendingPod("x", { deletionTimestamp: "2026-11-24T00:00:00Z" })],
    ["not seen by the scheduler yet", { ...aPendingPod("x"), status: { phase: "Pending" } }],
    ["on unlabelled nodes", aPodOn("other-node", "x")],
  ])("%s cause no event", async (_, pod) => {
    stage.api.put(PATH.pods, pod);
    expect(await stage.events()).toEqual([]);
  });

  test("that are bound to a pool's node, become Ready, finish or are deleted wake the pool", async () => {
    const pod = aPodOn("node-1", "web", { phase: "Pending", ready: "False" });
    stage.api.put(PATH.pods, pod);
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
    const running = aPodOn("node-1", "web");
    running.metadata.uid = pod.metadata.uid;
    stage.api.put(PATH.pods, running);
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
    stage.api.put(PATH.pods, { ...running, status: { phase: "Succeeded" } });
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
    stage.api.remove(PATH.pods, "web");
    expect(await stage.events()).toEqual([]);
    stage.api.put(PATH.pods, aPodOn("node-1", "api"));
    await stage.events();
    stage.api.remove(PATH.pods, "api");
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
  });

  test("that are bound to standby wake demand at once, and again until the node is in service", async () => {
    const inState = (state: string) => ({
      ...aNode("node-2", "ci", { ready: "False" }),
      metadata: { name: "node-2", labels: { "stratos.sh/pool": "ci", "stratos.sh/state": state } },
    });
    stage.api.put(PATH.nodes, inState("standby"));
    await stage.events();
    stage.api.put(PATH.pods, tolerant(aPodOn("node-2", "operator", { phase: "Pending", ready: "False" })));
    expect(await stage.events()).toEqual(["Node Changed: ci node-2", "Pods Unschedulable"]);
    await stage.clock.sleep(10_500);
    expect(await stage.events()).toEqual(["Pods Unschedulable"]);
    stage.api.put(PATH.nodes, inState("running"));
    await stage.events();
    await stage.clock.sleep(30_000);
    expect(await stage.events()).toEqual([]);
  });

  test("that are bound to standby and do not tolerate its taint, or run already, do not wake demand", async () => {
    stage.api.put(PATH.nodes, {
      ...aNode("node-2", "ci"),
      metadata: { name: "node-2", labels: { "stratos.sh/pool": "ci", "stratos.sh/state": "standby" } },
    });
    stage.api.put(PATH.pods, tolerant(aPodOn("node-2", "running")));
    stage.api.put(PATH.pods, aPodOn("node-2", "leaving", { phase: "Pending", ready: "False" }));
    expect((await stage.events()).filter((event) => event.startsWith("Pods"))).toEqual([]);
  });

  test("that run again after a reboot of their node wake the pool, although they were Ready throughout", async () => {
    const pod = aPodOn("node-1", "aws-node");
    const runningSince = (startedAt: string) => ({
      ...pod,
      status: { ...(pod.status as object), containerStatuses: [{ state: { running: { startedAt } } }] },
    });
    stage.api.put(PATH.pods, runningSince("2026-11-24T00:00:00Z"));
    await stage.events();
    stage.api.put(PATH.pods, {
      ...runningSince("2026-11-24T00:00:00Z"),
      spec: { nodeName: "node-1", containers: [], priority: 1 },
    });
    expect(await stage.events()).toEqual([]);
    stage.api.put(PATH.pods, runningSince("2026-11-24T01:00:00Z"));
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
  });
});

describe("nodes", () => {
  test("of a pool wake it only when something relevant changes", async () => {
    await stage.start();
    await stage.events();
    const node = aNode("node-1", "ci");
    stage.api.put(PATH.nodes, node);
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
    const heartbeat = { type: "MemoryPressure", status: "False", lastHeartbeatTime: "2026-11-24T00:05:00Z" };
    stage.api.put(PATH.nodes, { ...node, status: { conditions: [...node.status.conditions, heartbeat] } });
    expect(await stage.events()).toEqual([]);
    for (const changed of [
      { ...node, spec: { ...node.spec, unschedulable: true } },
      { ...node, spec: { ...node.spec, taints: [{ key: "stratos.sh/standby", effect: "NoExecute" }] } },
      { ...node, status: { conditions: [{ type: "Ready", status: "Unknown" }] } },
      { ...node, status: { ...node.status, nodeInfo: { bootID: "second" } } },
      { ...node, metadata: { ...node.metadata, labels: { "stratos.sh/pool": "ci", "stratos.sh/state": "standby" } } },
    ]) {
      stage.api.put(PATH.nodes, changed);
      expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
    }
    stage.api.remove(PATH.nodes, "node-1");
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
  });

  test("wake their pool when a network condition that survived a stop is reported again", async () => {
    await stage.start();
    const node = aNode("node-1", "ci");
    const reported = (lastHeartbeatTime: string) => ({
      ...node,
      status: {
        conditions: [
          { type: "Ready", status: "True", lastTransitionTime: "2026-11-24T00:10:00Z" },
          { type: "NetworkingReady", status: "True", lastTransitionTime: "2026-11-24T00:00:00Z", lastHeartbeatTime },
        ],
      },
    });
    stage.api.put(PATH.nodes, reported("2026-11-24T00:05:00Z"));
    await stage.events();
    stage.api.put(PATH.nodes, reported("2026-11-24T00:10:03Z"));
    expect(await stage.events()).toEqual(["Node Changed: ci node-1"]);
    stage.api.put(PATH.nodes, reported("2026-11-24T00:11:03Z"));
    expect(await stage.events()).toEqual([]);
  });

  test("that move to another pool wake both", async () => {
    const node = aNode("node-1", "ci");
    stage.api.put(PATH.nodes, node);
    await stage.start();
    await stage.events();
    stage.api.put(PATH.nodes, { ...node, metadata: { ...node.metadata, labels: { "stratos.sh/pool": "llm" } } });
    expect(await stage.events()).toEqual(["Node Changed: ci node-1", "Node Changed: llm node-1"]);
  });

  test("without the label are reported by instance id when they appear and when they become Ready", async () => {
    await stage.start();
    await stage.events();
    const node = aNode("node-1", undefined, { ready: "False" });
    stage.api.put(PATH.nodes, node);
    expect(await stage.events()).toEqual(["Node Unlabelled: i-0abc node-1"]);
    stage.api.put(PATH.nodes, { ...node, spec: { ...node.spec, unschedulable: true } });
    expect(await stage.events()).toEqual([]);
    stage.api.put(PATH.nodes, { ...node, status: { conditions: [{ type: "Ready", status: "True" }] } });
    expect(await stage.events()).toEqual(["Node Unlabelled: i-0abc node-1"]);
  });

  test("of other providers are ignored", async () => {
    await stage.start();
    await stage.events();
    stage.api.put(PATH.nodes, aNode("fargate", undefined, { spec: { providerID: "aws:///us-east-1a/fargate-ip-10" } }));
    expect(await stage.events()).toEqual([]);
  });
});

test("NodePools and AWSNodeClasses are reported when they are added, deleted or their spec changes, not their status", async () => {
  const pool = aPool("ci");
  stage.api.put(PATH.nodePools, pool);
  await stage.start();
  await stage.events();
  stage.api.put(PATH.nodePools, { ...pool, status: { standby: 3 } });
  expect(await stage.events()).toEqual([]);
  stage.api.put(PATH.nodePools, { ...pool, metadata: { ...pool.metadata, generation: 2 } });
  expect(await stage.events()).toEqual(["NodePool Changed: ci"]);
  stage.api.remove(PATH.nodePools, "ci");
  expect(await stage.events()).toEqual(["NodePool Changed: ci"]);
  stage.api.put(PATH.nodeClasses, { metadata: { name: "standard", uid: "1", generation: 1 } });
  expect(await stage.events()).toEqual(["AWSNodeClass Changed: standard"]);
});

describe("bursts", () => {
  test("of one key become two events, the first one immediately", async () => {
    await stage.start();
    await stage.events();
    const before = stage.bridge.metrics("all", "stratos").matched;
    for (let count = 0; count < 50; count += 1) {
      stage.api.put(PATH.pods, aPendingPod(`web-${count}`));
      if (count === 0) await stage.clock.sleep(20);
      // The bus has received the first event well before the window of 100 ms ends.
      if (count === 0) expect(stage.bridge.metrics("all", "stratos").matched).toBe(before + 1);
    }
    expect(await stage.events()).toEqual(["Pods Unschedulable", "Pods Unschedulable"]);
  });

  test("of many keys are sent in batches of ten", async () => {
    await stage.start();
    await stage.events();
    const before = stage.bus.requests;
    for (let count = 0; count < 30; count += 1) stage.api.put(PATH.nodePools, aPool(`pool-${count}`));
    expect(await stage.events()).toHaveLength(30);
    expect(stage.bus.requests - before).toBeLessThanOrEqual(6);
  });
});
