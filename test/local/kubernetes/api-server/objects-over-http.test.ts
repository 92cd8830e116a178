import { describe, expect, test } from "vitest";
import { JSON_PATCH, MERGE, STRATEGIC, startApi } from "./api-client.ts";
import { aDeployment, aNode, aPod, DEPLOYMENTS, PODS } from "./objects.ts";

describe("reading and writing", () => {
  test("returns the real API server's NotFound, AlreadyExists and Conflict", async () => {
    const { call } = await startApi();
    expect((await call("GET", "/api/v1/nodes/n1")).body).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'nodes "n1" not found',
      reason: "NotFound",
      details: { name: "n1", kind: "nodes" },
      code: 404,
    });
    const created = await call("POST", "/api/v1/nodes", aNode("n1"));
    expect(created.status).toBe(201);
    expect(await call("POST", "/api/v1/nodes", aNode("n1"))).toMatchObject({
      status: 409,
      body: { reason: "AlreadyExists" },
    });
    await call("PATCH", "/api/v1/nodes/n1", { metadata: { labels: { a: "b" } } }, { type: MERGE });
    const outdated = await call("PUT", "/api/v1/nodes/n1", created.body);
    expect(outdated.status).toBe(409);
    expect(outdated.body.message).toBe(
      'Operation cannot be fulfilled on nodes "n1": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  test("sets the Date header from the virtual clock", async () => {
    const { call } = await startApi();
    expect((await call("GET", "/version")).headers.date).toBe("Tue, 24 Nov 2026 03:00:00 GMT");
  });

  test("rejects objects in a namespace that does not exist", async () => {
    const { call } = await startApi();
    const { status, body } = await call("POST", "/api/v1/namespaces/other/pods", {
      ...aPod("p"),
      metadata: { name: "p" },
    });
    expect([status, body.message]).toEqual([404, 'namespaces "other" not found']);
  });

  test("adds the not-ready taint to a new node", async () => {
    const { call } = await startApi();
    const { body } = await call("POST", "/api/v1/nodes", aNode("n1", { taints: [{ key: "x", effect: "NoSchedule" }] }));
    expect(body.spec.taints).toEqual([
      { key: "x", effect: "NoSchedule" },
      { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
    ]);
  });

  test("sets unreported node status fields to empty values without a field manager", async () => {
    const { call } = await startApi();
    const { body } = await call("POST", "/api/v1/nodes", aNode("n1", { unschedulable: true }));
    expect(body.status).toMatchObject({
      daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
      nodeInfo: { kubeletVersion: "" },
    });
    expect(Object.keys(body.metadata.managedFields[0].fieldsV1)).toEqual(["f:spec"]);
  });

  test("does not write the status on the main endpoint, nor the spec on the status endpoint", async () => {
    const { call } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const both = { spec: { unschedulable: true }, status: { phase: "Running" } };
    const main = await call("PATCH", "/api/v1/nodes/n1", both, { type: MERGE });
    expect(main.body).toMatchObject({ spec: { unschedulable: true } });
    expect(main.body.status.phase).toBeUndefined();
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
    await call("PATCH", "/api/v1/nodes/n1/status", { status: { conditions } }, { type: STRATEGIC });
    const changed = { spec: { unschedulable: false }, status: { conditions: [{ type: "Ready", status: "False" }] } };
    const { body } = await call("PATCH", "/api/v1/nodes/n1/status", changed, { type: STRATEGIC });
    expect(body.spec.unschedulable).toBe(true);
    expect(body.status.conditions).toEqual([{ type: "Ready", status: "False", reason: "KubeletReady" }]);
  });

  test("rejects a JSON patch whose test fails", async () => {
    const { call } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1", { unschedulable: true }));
    const patch = [
      { op: "test", path: "/spec/unschedulable", value: false },
      { op: "replace", path: "/spec/unschedulable", value: false },
    ];
    expect((await call("PATCH", "/api/v1/nodes/n1", patch, { type: JSON_PATCH })).status).toBe(422);
    expect((await call("GET", "/api/v1/nodes/n1")).body.spec.unschedulable).toBe(true);
  });

  test("names the field that is invalid or immutable", async () => {
    const { call } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1", { providerID: "aws:///us-east-1a/i-1" }));
    const moved = await call("PATCH", "/api/v1/nodes/n1", { spec: { providerID: "y" } }, { type: MERGE });
    expect(moved.body.details.causes[0]).toEqual({
      reason: "FieldValueForbidden",
      message: 'Forbidden: node updates may not change providerID except from "" to valid',
      field: "spec.providerID",
    });
    const empty = await call("POST", PODS, aPod("A_b", { containers: [] }));
    expect(empty.status).toBe(422);
    expect(empty.body.details.causes.map(({ field }: { field: string }) => field)).toEqual([
      "metadata.name",
      "spec.containers",
    ]);
    await call("POST", DEPLOYMENTS, aDeployment("web"));
    const selector = { spec: { selector: { matchLabels: { app: "other" } } } };
    expect((await call("PATCH", `${DEPLOYMENTS}/web`, selector, { type: MERGE })).status).toBe(422);
  });

  test("stores nothing in a dry run", async () => {
    const { call } = await startApi();
    expect((await call("POST", "/api/v1/nodes?dryRun=All", aNode("n1"))).status).toBe(201);
    expect((await call("GET", "/api/v1/nodes/n1")).status).toBe(404);
  });

  test("generates a name from generateName", async () => {
    const { call } = await startApi();
    const { body } = await call("POST", PODS, { ...aPod(""), metadata: { generateName: "web-" } });
    expect(body.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
  });

  test("scales a workload through its scale subresource", async () => {
    const { call } = await startApi();
    await call("POST", DEPLOYMENTS, aDeployment("web"));
    const { body } = await call("PATCH", `${DEPLOYMENTS}/web/scale`, { spec: { replicas: 4 } }, { type: MERGE });
    expect(body).toMatchObject({ kind: "Scale", spec: { replicas: 4 }, status: { selector: "app=web" } });
    expect((await call("GET", `${DEPLOYMENTS}/web`)).body.spec.replicas).toBe(4);
  });

  test("binds a pod only once", async () => {
    const { call } = await startApi();
    await call("POST", PODS, aPod("p"));
    const target = { target: { kind: "Node", name: "n1" } };
    expect((await call("POST", `${PODS}/p/binding`, target)).status).toBe(201);
    expect((await call("POST", `${PODS}/p/binding`, target)).status).toBe(409);
    expect((await call("GET", `${PODS}/p`)).body.spec.nodeName).toBe("n1");
  });

  test("reads YAML", async () => {
    const { call } = await startApi();
    const text = "apiVersion: v1\nkind: Node\nmetadata:\n  name: n1\n";
    expect((await call("POST", "/api/v1/nodes", text, { type: "application/yaml" })).status).toBe(201);
  });
});
