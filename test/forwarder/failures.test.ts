import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aNode, aPendingPod, aPool, PATH } from "./builders.ts";
import { createStage, type Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(() => stage.stop());

const listsOf = (path: string) => stage.api.requests.filter((request) => request === `list ${path}`).length;

describe("a watch", () => {
  test("that breaks is resumed without a list and misses nothing", async () => {
    await stage.start();
    await stage.events();
    const lists = listsOf(PATH.nodePools);
    stage.api.breakWatches();
    stage.api.put(PATH.nodePools, aPool("made-meanwhile"));
    expect(await stage.events()).toEqual(["NodePool Changed: made-meanwhile"]);
    expect(listsOf(PATH.nodePools)).toBe(lists);
  });

  test("that is too old to resume starts over with a list, which finds added and deleted objects", async () => {
    stage.api.put(PATH.nodePools, aPool("gone"));
    stage.api.put(PATH.nodePools, aPool("kept"));
    stage.api.put(PATH.nodes, aNode("node-1", "ci"));
    await stage.start();
    await stage.events();
    stage.api.breakWatches();
    stage.api.remove(PATH.nodePools, "gone");
    stage.api.put(PATH.nodePools, aPool("new"));
    stage.api.remove(PATH.nodes, "node-1");
    stage.api.forgetHistory();
    await stage.clock.sleep(5000);
    expect(await stage.events()).toEqual([
      "Node Changed: ci node-1",
      "NodePool Changed: gone",
      "NodePool Changed: new",
    ]);
  });

  test("that falls silent counts as broken and is resumed", async () => {
    await stage.start();
    await stage.events();
    stage.api.muteWatches();
    stage.api.put(PATH.pods, aPendingPod("web"));
    await stage.clock.sleep(76_000);
    expect(await stage.events()).toContain("Pods Unschedulable");
  });

  test("with an unreadable line starts over with a list", async () => {
    await stage.start();
    await stage.events();
    const lists = listsOf(PATH.nodePools);
    stage.api.garble();
    stage.api.put(PATH.nodePools, aPool("ci"));
    expect(await stage.events()).toEqual(["NodePool Changed: ci"]);
    expect(listsOf(PATH.nodePools)).toBe(lists + 1);
  });

  test("with regular bookmarks is not restarted", async () => {
    await stage.start();
    for (let minute = 0; minute < 5; minute += 1) {
      await stage.clock.sleep(60_000);
      stage.api.bookmark();
    }
    expect(stage.api.requests.filter((request) => request.startsWith("watch"))).toHaveLength(4);
  });

  test("that cannot be opened makes the forwarder not ready, but not dead, and stops its heartbeat until it can", async () => {
    await stage.start();
    const statusOf = async (path: string) => (await fetch(`${stage.url()}${path}`)).status;
    const health = () => statusOf("/readyz");
    expect(await health()).toBe(200);
    stage.api.failNext(Number.POSITIVE_INFINITY, 503);
    stage.api.breakWatches();
    await stage.clock.sleep(130_000);
    expect(await health()).toBe(503);
    expect(await statusOf("/livez")).toBe(200);
    const silentSince = stage.bridge.metrics("all", "stratos").matched;
    await stage.clock.sleep(120_000);
    expect(stage.bridge.metrics("all", "stratos").matched).toBe(silentSince);
    stage.api.failNext(0, 503);
    await stage.clock.sleep(75_000);
    expect(await health()).toBe(200);
    expect(stage.bridge.metrics("all", "stratos").matched).toBeGreaterThan(silentSince);
  });

  test("is followed by an immediate list if the server returns 410 after an outage", async () => {
    await stage.start();
    await stage.events();
    stage.api.failNext(Number.POSITIVE_INFINITY, 503);
    stage.api.breakWatches();
    stage.api.put(PATH.nodePools, aPool("made-meanwhile"));
    stage.api.forgetHistory();
    await stage.clock.sleep(60_000);
    stage.api.failNext(0, 503);
    // The longest pause between two attempts, plus the shortest one.
    await stage.clock.sleep(5_500);
    expect(await stage.events()).toContain("NodePool Changed: made-meanwhile");
  });

  test("is retried with backoff, not in a hot loop", async () => {
    await stage.start();
    const before = stage.api.requests.length;
    stage.api.failNext(Number.POSITIVE_INFINITY, 503);
    stage.api.breakWatches();
    await stage.clock.sleep(60_000);
    const perWatch = (stage.api.requests.length - before) / 4;
    expect(perWatch).toBeGreaterThan(5);
    expect(perWatch).toBeLessThan(30);
  });
});

test("lists all pages before it is ready", async () => {
  for (const name of ["a", "b", "c", "d", "e"]) stage.api.put(PATH.nodePools, aPool(name));
  await stage.start();
  expect(await stage.events()).toHaveLength(5);
  expect(listsOf(PATH.nodePools)).toBe(3);
});

describe("a bus that rejects events", () => {
  test("gets all events once it works again, one per key", async () => {
    await stage.start();
    await stage.events();
    stage.bus.rejectAll = true;
    for (let change = 0; change < 20; change += 1) {
      stage.api.put(PATH.nodePools, aPool("ci", { generation: change }));
      await stage.clock.sleep(1000);
    }
    expect(await stage.events()).toEqual([]);
    stage.bus.rejectAll = false;
    await stage.clock.sleep(5000);
    expect(await stage.events()).toEqual(["NodePool Changed: ci"]);
  });

  test("gets the rejected events again", async () => {
    await stage.start();
    await stage.events();
    stage.bus.rejectType = "NodePool Changed";
    stage.api.put(PATH.nodePools, aPool("ci"));
    stage.api.put(PATH.pods, aPendingPod("web"));
    await stage.events();
    stage.bus.rejectType = undefined;
    await stage.clock.sleep(5000);
    expect(await stage.events()).toContain("NodePool Changed: ci");
  });

  test("makes the forwarder unhealthy after three minutes", async () => {
    const forwarder = await stage.start();
    await stage.events();
    stage.bus.rejectAll = true;
    await stage.clock.sleep(170_000);
    expect(forwarder.problems()).toEqual([]);
    await stage.clock.sleep(70_000);
    expect(forwarder.problems().join()).toMatch(/EventBridge has accepted no event for/);
  });
});

test("sends a heartbeat every minute", async () => {
  await stage.start();
  await stage.clock.sleep(5 * 60_000 + 1000);
  expect(stage.bridge.metrics("all", "stratos").matched).toBe(6);
});

test("serves metrics of pools, pending pods and sent events", async () => {
  const status = { warmup: 1, standby: 1, running: 3, total: 5, desiredStandby: 2 };
  stage.api.put(PATH.nodePools, aPool("ci", { status }));
  stage.api.put(PATH.pods, aPendingPod("web"));
  await stage.start();
  await stage.events();
  const text = await (await fetch(`${stage.url()}/metrics`)).text();
  expect(text).toContain('stratos_nodepool_nodes_total{pool="ci",state="running"} 3');
  expect(text).toContain('stratos_nodepool_desired_standby{pool="ci"} 2');
  expect(text).toContain('stratos_nodepool_pool_size{pool="ci"} 5');
  expect(text).toContain("stratos_forwarder_unschedulable_pods 1");
  expect(text).toContain('stratos_forwarder_events_sent_total{detail_type="NodePool Changed"} 1');
});

test("leaves no request or timer behind when it stops", async () => {
  const forwarder = await stage.start();
  await stage.events();
  forwarder.stop();
  const requests = stage.api.requests.length;
  stage.api.put(PATH.pods, aPendingPod("web"));
  await stage.clock.sleep(300_000);
  expect(stage.api.requests.length).toBe(requests);
  expect(await stage.events()).toEqual([]);
});
