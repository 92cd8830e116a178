import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Replica, startReplica } from "../../forwarder/replica.ts";
import { aPendingPod, aPool, PATH } from "./builders.ts";
import { createLeaseServer } from "./lease-server.ts";
import { createStage, type Stage } from "./stage.ts";

describe("of two replicas", () => {
  let stage: Stage;
  let replicas: Replica[];
  const server = createLeaseServer();
  const find = (isLeader: boolean): Replica => {
    const [found] = replicas.filter((replica) => replica.isLeader() === isLeader);
    if (!found) throw new Error(`no replica with isLeader() === ${isLeader}`);
    return found;
  };
  const fetchFrom = async (replica: Replica, path: string) => {
    const response = await fetch(`${(await replica.listening).url}${path}`);
    return { status: response.status, text: await response.text() };
  };

  beforeEach(async () => {
    stage = await createStage();
    stage.api.put(PATH.nodePools, aPool("ci", { status: { running: 3 } }));
    const lease = { read: async () => server.read(), replace: async (object: never) => server.replace(object) };
    replicas = ["one", "two"].map((identity) =>
      startReplica({ ...stage.options, lease, identity, http: { host: "127.0.0.1", port: 0 } }),
    );
    await stage.clock.sleep(5_000);
  });
  afterEach(async () => {
    for (const replica of replicas) await replica.stop();
    await stage.stop();
  });

  test("one sends and counts, and both are ready", async () => {
    expect(await stage.events()).toEqual(["NodePool Changed: ci"]);
    stage.api.put(PATH.pods, aPendingPod("web"));
    expect(await stage.events()).toEqual(["Pods Unschedulable"]);
    const [leader, waiting] = [find(true), find(false)];
    const counted = await fetchFrom(leader, "/metrics");
    expect(counted.text).toContain("stratos_forwarder_leader 1");
    expect(counted.text).toContain('stratos_nodepool_nodes_total{pool="ci",state="running"} 3');
    expect(counted.text).toContain("stratos_forwarder_unschedulable_pods 1");
    const uncounted = await fetchFrom(waiting, "/metrics");
    expect(uncounted.text).toContain("stratos_forwarder_leader 0");
    expect(uncounted.text).not.toMatch(/stratos_nodepool|unschedulable|events_sent/);
    for (const replica of replicas) expect((await fetchFrom(replica, "/readyz")).status).toBe(200);
  });

  test("the other takes over from one that stops, and reports what it finds", async () => {
    await stage.events();
    const [leader, waiting] = [find(true), find(false)];
    stage.api.put(PATH.pods, aPendingPod("web"));
    await leader.stop();
    await stage.events();
    await stage.clock.sleep(3_000);
    expect([leader.isLeader(), waiting.isLeader()]).toEqual([false, true]);
    expect((await fetchFrom(waiting, "/metrics")).text).toContain("stratos_forwarder_unschedulable_pods 1");
    stage.api.put(PATH.nodePools, aPool("later"));
    expect(await stage.events()).toContain("NodePool Changed: later");
  });
});
