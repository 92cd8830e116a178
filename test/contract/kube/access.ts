import { beforeAll, describe, expect, test } from "vitest";
import { type Calls, callsTo } from "./calls.ts";
import { type Cluster, eventually, type Suite } from "./cluster.ts";
import { aConfigMap, anUntouchedPod, CONFIG_MAPS, NODES, PODS } from "./objects.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const GROUP = "rbac.authorization.k8s.io";

export const describeAccess: Suite = (implementation, connect) => {
  describe(`Access to ${implementation}`, () => {
    let cluster: Cluster;
    let admin: Calls;
    let reader: Calls;
    let nobody: Calls;

    beforeAll(async () => {
      cluster = await connect();
      admin = callsTo(cluster);
      reader = callsTo({ ...cluster, token: cluster.tokenOf("reader") });
      nobody = callsTo({ ...cluster, token: cluster.tokenOf("nobody") });
      for (const name of ["open", "closed"]) await admin.create(CONFIG_MAPS, aConfigMap(name));
      await admin.create(PODS, anUntouchedPod("visited"));
      await admin.create(`${RBAC}/clusterroles`, {
        metadata: { name: "some-reading" },
        rules: [
          { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"], resourceNames: ["open"] },
          { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
          { apiGroups: [""], resources: ["nodes"], verbs: ["*"] },
          { nonResourceURLs: ["/metrics-of/*"], verbs: ["get"] },
        ],
      });
      await admin.create(`${RBAC}/clusterrolebindings`, {
        metadata: { name: "some-reading" },
        roleRef: { apiGroup: GROUP, kind: "ClusterRole", name: "some-reading" },
        subjects: [{ apiGroup: GROUP, kind: "Group", name: "readers" }],
      });
      // A real API server learns of new roles through its own watches.
      await eventually("the role to take effect", async () => (await reader.get(NODES)).status === 200 || undefined);
    });

    test("an unknown token grants nothing", async () => {
      const { status, body } = await callsTo({ ...cluster, token: "stranger" }).get(NODES);
      expect([status, body]).toMatchObject([401, { reason: "Unauthorized", message: "Unauthorized" }]);
    });

    test("a request without a token is anonymous, and may read the health and version of the server", async () => {
      const anybody = callsTo({ ...cluster, token: "" });
      const { status, body } = await anybody.get(NODES);
      expect([status, body.message]).toEqual([
        403,
        'nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope',
      ]);
      const open = await Promise.all(["/readyz", "/version", "/api"].map((path) => anybody.get(path)));
      expect(open.map((answer) => answer.status)).toEqual([200, 200, 403]);
    });

    test.each([
      [
        "a list",
        () => nobody.get(NODES),
        'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at the cluster scope',
      ],
      [
        "an object",
        () => nobody.get(`${NODES}/n1`),
        'nodes "n1" is forbidden: User "nobody" cannot get resource "nodes" in API group "" at the cluster scope',
      ],
      [
        "a watch",
        () => nobody.get(`${PODS}?watch=1`),
        'pods is forbidden: User "nobody" cannot watch resource "pods" in API group "" in the namespace "default"',
      ],
      [
        "a new object",
        () => nobody.create(PODS, anUntouchedPod("p")),
        'pods is forbidden: User "nobody" cannot create resource "pods" in API group "" in the namespace "default"',
      ],
      [
        "an eviction",
        () => nobody.create(`${PODS}/p/eviction`, {}),
        'pods "p" is forbidden: User "nobody" cannot create resource "pods/eviction" in API group "" in the namespace "default"',
      ],
      [
        "a custom resource's status",
        () => nobody.patch("/apis/stratos.sh/v1alpha1/nodepools/ci/status", "merge", {}),
        'nodepools.stratos.sh "ci" is forbidden: User "nobody" cannot patch resource "nodepools/status" in API group "stratos.sh" at the cluster scope',
      ],
      [
        "a path",
        () => nobody.get("/metrics-of/anything"),
        'forbidden: User "nobody" cannot get path "/metrics-of/anything"',
      ],
    ] as const)("a user without permissions is refused with a reason: %s", async (_what, ask, message) => {
      const { status, body } = await ask();
      expect([status, body.reason, body.message]).toEqual([403, "Forbidden", message]);
    });

    test("a role may be restricted to named objects", async () => {
      expect((await reader.get(`${CONFIG_MAPS}/open`)).status).toBe(200);
      expect((await reader.get(`${CONFIG_MAPS}/closed`)).status).toBe(403);
      expect((await reader.get(CONFIG_MAPS)).status).toBe(403);
      expect((await reader.get(`${CONFIG_MAPS}?fieldSelector=metadata.name=open`)).status).toBe(200);
    });

    test("a verb on a subresource grants nothing on the resource", async () => {
      expect((await reader.delete(`${PODS}/visited`)).status).toBe(403);
      expect((await reader.get(`${PODS}/visited`)).status).toBe(403);
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "visited" } };
      expect((await reader.create(`${PODS}/visited/eviction`, eviction)).status).toBe(201);
    });

    test("every authenticated user may query their own permissions and identity", async () => {
      const may = async (calls: Calls, verb: string) => {
        const { body } = await calls.create(REVIEWS, { spec: { resourceAttributes: { verb, resource: "nodes" } } });
        return (body.status as { allowed: boolean }).allowed;
      };
      expect(await may(reader, "patch")).toBe(true);
      expect(await may(nobody, "list")).toBe(false);
      const { body } = await reader.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", {});
      expect(body.status).toMatchObject({
        userInfo: { username: "reader", groups: ["readers", "system:authenticated"] },
      });
    });
  });
};
