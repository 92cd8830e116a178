import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Calls, callsTo } from "./calls.ts";
import { type Cluster, KUBELET, type Suite } from "./cluster.ts";
import { NODES } from "./objects.ts";

const OWN = `${NODES}/restricted`;
const TAINT = { key: "example.com/mine", effect: "NoSchedule" };

export const describeRestricting: Suite = (implementation, connect) => {
  describe(`A kubelet's credentials on ${implementation}`, () => {
    let cluster: Cluster;
    let admin: Calls;
    let kubelet: Calls;

    const aNode = (name: string, labels: object = {}) => ({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels },
    });

    beforeAll(async () => {
      cluster = await connect();
      admin = callsTo(cluster);
      kubelet = callsTo({ ...cluster, token: cluster.tokenOf(KUBELET.user) });
      await admin.create(NODES, aNode("elsewhere"));
      await kubelet.create(NODES, aNode("restricted", { "example.com/team": "a" }));
    });
    afterAll(async () => {
      for (const name of ["restricted", "elsewhere"]) await admin.delete(`${NODES}/${name}`);
    });

    const label = (labels: object) => kubelet.patch(OWN, "merge", { metadata: { labels } });

    test("set labels of other domains and the well-known ones of Kubernetes", async () => {
      const labels = {
        "example.com/team": "b",
        "topology.kubernetes.io/zone": "us-east-1a",
        "ci.node.kubernetes.io/kind": "build",
        "kubelet.kubernetes.io/kind": "build",
      };
      const { status, body } = await label(labels);
      expect([status, body.metadata.labels]).toEqual([200, expect.objectContaining(labels)]);
    });

    test.each([
      "node-role.kubernetes.io/worker",
      "node-restriction.kubernetes.io/team",
      "app.kubernetes.io/name",
      "kops.k8s.io/instancegroup",
      "failure-domain.kubernetes.io/zone",
    ])("do not set %s", async (key) => {
      const { status, body } = await label({ [key]: "x" });
      expect([status, body]).toMatchObject([
        403,
        {
          reason: "Forbidden",
          message: `nodes "restricted" is forbidden: is not allowed to modify labels: ${key}`,
          details: { name: "restricted", kind: "nodes" },
        },
      ]);
    });

    test("do not register a node with such labels", async () => {
      await admin.delete(OWN);
      const keys = ["node-role.kubernetes.io/worker", "app.kubernetes.io/name"];
      const { status, body } = await kubelet.create(
        NODES,
        aNode("restricted", Object.fromEntries(keys.map((key) => [key, "x"]))),
      );
      const listed = keys.toSorted().join(", ");
      expect([status, body.message]).toEqual([
        403,
        `nodes "restricted" is forbidden: node "restricted" is not allowed to set the following labels: ${listed}`,
      ]);
      expect((await kubelet.create(NODES, aNode("restricted"))).status).toBe(201);
    });

    test("do not change the node's taints", async () => {
      const { status, body } = await kubelet.patch(OWN, "merge", { spec: { taints: [TAINT] } });
      expect([status, body.message]).toEqual([
        403,
        'nodes "restricted" is forbidden: node "restricted" is not allowed to modify taints',
      ]);
    });

    test("change annotations and the cordon", async () => {
      const patch = { metadata: { annotations: { "example.com/note": "x" } }, spec: { unschedulable: true } };
      const { status, body } = await kubelet.patch(OWN, "merge", patch);
      expect([status, body.spec]).toEqual([200, expect.objectContaining({ unschedulable: true })]);
    });

    test("do not change another node", async () => {
      const patch = { metadata: { labels: { "example.com/team": "b" } } };
      const { status, body } = await kubelet.patch(`${NODES}/elsewhere`, "merge", patch);
      expect([status, body.reason]).toEqual([403, "Forbidden"]);
      expect(body.message).toContain('nodes "elsewhere" is forbidden: ');
    });
  });
};
