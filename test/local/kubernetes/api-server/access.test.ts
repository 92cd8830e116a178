import { describe, expect, test } from "vitest";
import { serviceAccountUser } from "../../../../local/kubernetes/api-server/access/identity.ts";
import { startApi } from "./api-client.ts";
import { aNode, aPod, PODS } from "./objects.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const roleRef = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });

describe("access", () => {
  test("is denied to an unknown token", async () => {
    const { call } = await startApi();
    const { status, body } = await call("GET", "/api/v1/nodes", undefined, { token: "stranger" });
    expect([status, body.reason]).toEqual([401, "Unauthorized"]);
  });

  test("is anonymous without a token and limited to public paths", async () => {
    const { call } = await startApi();
    const { status, body } = await call("GET", "/api/v1/nodes", undefined, { token: "" });
    expect([status, body.message]).toEqual([
      403,
      'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
    ]);
    expect((await call("GET", "/version", undefined, { token: "" })).status).toBe(200);
  });

  test("names the user and the denied request", async () => {
    const { call } = await startApi();
    expect((await call("GET", "/api/v1/nodes/n1", undefined, { token: "eks" })).body.message).toBe(
      'nodes "n1" is forbidden: User "function" cannot get resource "nodes" in API group "" at the cluster scope',
    );
    expect((await call("POST", `${PODS}/p/eviction`, {}, { token: "eks" })).body.message).toBe(
      'pods "p" is forbidden: User "function" cannot create resource "pods/eviction" in API group "" in the namespace "default"',
    );
  });

  test("is granted to a group by a ClusterRole, by verb, resource, subresource and name", async () => {
    const { call } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    await call("POST", "/api/v1/nodes", aNode("n2"));
    await call("POST", PODS, aPod("p"));
    await call("POST", `${RBAC}/clusterroles`, {
      metadata: { name: "functions" },
      rules: [
        { apiGroups: [""], resources: ["nodes"], verbs: ["get"], resourceNames: ["n1"] },
        { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
      ],
    });
    await call("POST", `${RBAC}/clusterrolebindings`, {
      metadata: { name: "functions" },
      roleRef: roleRef("ClusterRole", "functions"),
      subjects: [{ kind: "Group", name: "stratos-functions" }],
    });
    const status = async (method: string, path: string) =>
      (await call(method, path, method === "POST" ? {} : undefined, { token: "eks" })).status;
    expect(await status("GET", "/api/v1/nodes/n1")).toBe(200);
    expect(await status("GET", "/api/v1/nodes/n2")).toBe(403);
    expect(await status("GET", "/api/v1/nodes")).toBe(403);
    expect(await status("POST", `${PODS}/p/eviction`)).toBe(201);
    expect(await status("DELETE", `${PODS}/p`)).toBe(403);
  });

  test("is granted to a service account by a Role, in one namespace only", async () => {
    const { call, issueToken } = await startApi();
    const token = issueToken(serviceAccountUser("default", "bob"));
    await call("POST", `${RBAC}/namespaces/default/roles`, {
      metadata: { name: "reader" },
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }],
    });
    await call("POST", `${RBAC}/namespaces/default/rolebindings`, {
      metadata: { name: "reader" },
      roleRef: roleRef("Role", "reader"),
      subjects: [{ kind: "ServiceAccount", name: "bob", namespace: "default" }],
    });
    expect((await call("GET", PODS, undefined, { token })).status).toBe(200);
    expect((await call("GET", "/api/v1/pods", undefined, { token })).status).toBe(403);
    const review = { spec: { resourceAttributes: { verb: "get", resource: "pods", namespace: "default" } } };
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    expect((await call("POST", path, review, { token })).body.status).toEqual({ allowed: false });
  });

  test("is audited, even if it is denied", async () => {
    const { call, audit } = await startApi();
    await call("GET", "/api/v1/nodes", undefined, { token: "eks" });
    expect(audit.entries().at(-1)).toMatchObject({ user: "function", verb: "list", plural: "nodes", code: 403 });
  });
});

test("an injected failure affects the given number of requests", async () => {
  const { call, faults } = await startApi();
  faults.failNext("list", "nodes", 503, 2);
  const statuses: number[] = [];
  for (let request = 0; request < 3; request += 1) statuses.push((await call("GET", "/api/v1/nodes")).status);
  expect(statuses).toEqual([503, 503, 200]);
});
