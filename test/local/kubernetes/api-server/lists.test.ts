import { describe, expect, test } from "vitest";
import { type Api, startApi, TABLE } from "./api-client.ts";
import { aNode, aPod, PODS } from "./objects.ts";

const names = (body: { items: { metadata: { name: string } }[] }) => body.items.map(({ metadata }) => metadata.name);

const withPods = async (): Promise<Api> => {
  const api = await startApi();
  await api.call("POST", PODS, aPod("a", { nodeName: "n1" }, { app: "web", tier: "front" }));
  await api.call("POST", PODS, aPod("b", {}, { app: "web" }));
  await api.call("POST", PODS, aPod("c", {}, { app: "db" }));
  return api;
};

describe("lists", () => {
  test.each([
    ["labelSelector=app=web", ["a", "b"]],
    ["labelSelector=app!=web", ["c"]],
    ["labelSelector=app in (db,web),tier", ["a"]],
    ["labelSelector=app notin (db),!tier", ["b"]],
    ["fieldSelector=spec.nodeName=n1", ["a"]],
    ["fieldSelector=spec.nodeName=", ["b", "c"]],
    ["fieldSelector=metadata.name!=a,status.phase=Pending", ["b", "c"]],
  ])("select by %s", async (query, expected) => {
    const { call } = await withPods();
    const { body } = await call("GET", `/api/v1/pods?${query.replaceAll(" ", "%20")}`);
    expect(names(body)).toEqual(expected);
  });

  test("reject a field selector for an unsupported field", async () => {
    const { call } = await withPods();
    const { status, body } = await call("GET", "/api/v1/pods?fieldSelector=spec.foo=1");
    expect([status, body.message]).toEqual([400, "field label not supported: spec.foo"]);
  });

  test("show the same snapshot on all pages", async () => {
    const { call } = await withPods();
    const first = await call("GET", "/api/v1/pods?limit=2");
    expect(names(first.body)).toEqual(["a", "b"]);
    expect(first.body.metadata.remainingItemCount).toBe(1);
    await call("DELETE", `${PODS}/c`);
    await call("POST", PODS, aPod("d"));
    const second = await call("GET", `/api/v1/pods?limit=2&continue=${first.body.metadata.continue}`);
    expect(names(second.body)).toEqual(["c"]);
    expect(second.body.metadata).toEqual({ resourceVersion: first.body.metadata.resourceVersion });
  });

  test("return 410 for an expired continue token", async () => {
    const { call } = await withPods();
    const token = Buffer.from('{"v":"meta.k8s.io/v1","rv":1,"list":99}').toString("base64url");
    const { status, body } = await call("GET", `/api/v1/pods?limit=1&continue=${token}`);
    expect([status, body.reason]).toEqual([410, "Expired"]);
  });

  test("are tables with kubectl's columns if the client requests them", async () => {
    const { call } = await withPods();
    await call("POST", "/api/v1/nodes", aNode("n1", { unschedulable: true }));
    const pods = (await call("GET", PODS, undefined, { accept: TABLE })).body;
    const shown = pods.columnDefinitions.filter(({ priority }: { priority: number }) => priority === 0);
    expect(shown.map(({ name }: { name: string }) => name)).toEqual(["Name", "Ready", "Status", "Restarts", "Age"]);
    expect(pods.rows[0].cells.slice(0, 5)).toEqual(["a", "0/1", "Pending", "0", "0s"]);
    const nodes = (await call("GET", "/api/v1/nodes", undefined, { accept: TABLE })).body;
    expect(nodes.rows[0].cells.slice(0, 4)).toEqual(["n1", "Unknown,SchedulingDisabled", "<none>", "0s"]);
  });

  test("omit the kind of built-in items, like a real API server", async () => {
    const { call } = await withPods();
    const { body } = await call("GET", "/api/v1/pods");
    expect(body.kind).toBe("PodList");
    expect(body.items[0]).not.toHaveProperty("kind");
  });
});
