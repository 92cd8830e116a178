import { beforeAll, describe, expect, test } from "vitest";
import { request } from "../api-server.ts";
import { MINIMAL, merged } from "../crd-cases.ts";
import { type Calls, callsTo, namesIn } from "./calls.ts";
import type { Cluster, Suite } from "./cluster.ts";
import { pathOf } from "./definitions.ts";
import { aConfigMap, anUntouchedPod, CONFIG_MAPS, PODS } from "./objects.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
const EVENTS = "/api/v1/namespaces/default/events";

const encoded = (query: string): string => query.replaceAll(" ", "%20");

export const describeReading: Suite = (implementation, connect) => {
  describe(`Reading from ${implementation}`, () => {
    let cluster: Cluster;
    let calls: Calls;

    beforeAll(async () => {
      cluster = await connect();
      calls = callsTo(cluster);
      await calls.create(PODS, anUntouchedPod("read-a", { nodeName: "elsewhere" }, { read: "web", tier: "front" }));
      await calls.create(PODS, anUntouchedPod("read-b", {}, { read: "web" }));
      await calls.create(PODS, anUntouchedPod("read-c", { hostNetwork: true }, { read: "db" }));
      for (const name of ["page-1", "page-2", "page-3"]) {
        await calls.create(CONFIG_MAPS, aConfigMap(name, { labels: { paged: "yes" } }));
      }
    });

    test.each([
      ["labelSelector=read=web", ["read-a", "read-b"]],
      ["labelSelector=read,read!=web", ["read-c"]],
      ["labelSelector=read in (db,web),tier", ["read-a"]],
      ["labelSelector=read notin (db),read,!tier", ["read-b"]],
      ["fieldSelector=spec.nodeName=elsewhere", ["read-a"]],
      ["labelSelector=read&fieldSelector=spec.nodeName=", ["read-b", "read-c"]],
      ["labelSelector=read&fieldSelector=metadata.name!=read-a,status.phase=Pending", ["read-b", "read-c"]],
      ["labelSelector=read&fieldSelector=spec.nodeName!=,status.phase!=Failed,status.phase!=Succeeded", ["read-a"]],
      ["labelSelector=read&fieldSelector=spec.schedulerName=nobody,spec.hostNetwork=true", ["read-c"]],
    ])("pods are selected by %s", async (query, names) => {
      expect(namesIn(await calls.get(`/api/v1/pods?${encoded(query)}`))).toEqual(names);
    });

    test.each([
      ["pods", "/api/v1/pods"],
      ["node pools", pathOf("NodePool")],
    ])("%s are not selected by any field", async (_what, path) => {
      const { status, body } = await calls.get(`${path}?fieldSelector=spec.poolSize=4`);
      expect([status, body.message]).toEqual([400, "field label not supported: spec.poolSize"]);
    });

    test("events are selected by the object they refer to", async () => {
      for (const name of ["read-a", "read-b"]) {
        await calls.create(EVENTS, {
          metadata: { name: `about-${name}` },
          involvedObject: { kind: "Pod", name, namespace: "default" },
          reason: "Read",
        });
      }
      const query = "fieldSelector=involvedObject.kind=Pod,involvedObject.name=read-b,reason=Read";
      expect(namesIn(await calls.get(`${EVENTS}?${query}`))).toEqual(["about-read-b"]);
    });

    test("all pages of a list show the state at the first page", async () => {
      const selection = `${CONFIG_MAPS}?labelSelector=paged=yes&limit=2`;
      const first = await calls.get(selection);
      expect(namesIn(first)).toEqual(["page-1", "page-2"]);
      const { continue: token, resourceVersion } = first.body.metadata;
      await calls.delete(`${CONFIG_MAPS}/page-3`);
      await calls.create(CONFIG_MAPS, aConfigMap("page-4", { labels: { paged: "yes" } }));
      const second = await calls.get(`${selection}&continue=${encodeURIComponent(String(token))}`);
      expect(namesIn(second)).toEqual(["page-3"]);
      expect(second.body.metadata.continue).toBeUndefined();
      expect(second.body.metadata.resourceVersion).toBe(resourceVersion);
    });

    test("an invalid continue token is rejected", async () => {
      const { status, body } = await calls.get(`${CONFIG_MAPS}?limit=1&continue=nonsense`);
      expect([status, body.reason]).toEqual([400, "BadRequest"]);
      expect(body.message).toMatch(/^invalid continue token: continue key is not valid/);
    });

    test("list items carry their kind only if it is a custom one", async () => {
      const { body } = await calls.get(`${PODS}?labelSelector=read`);
      expect([body.kind, body.items?.[0]?.kind]).toEqual(["PodList", undefined]);
      await calls.create(pathOf("NodePool"), merged(MINIMAL.NodePool, { metadata: { name: "listed" } }));
      const { body: pools } = await calls.get(pathOf("NodePool", "?fieldSelector=metadata.name=listed"));
      expect([pools.kind, pools.items?.[0]?.kind]).toEqual(["NodePoolList", "NodePool"]);
    });

    test("a list is returned as a table on request", async () => {
      const path = `${PODS}?labelSelector=read=web`;
      const { body } = await request(cluster, "GET", path, undefined, undefined, TABLE);
      const { columnDefinitions, rows } = body as {
        columnDefinitions: { name: string; priority: number }[];
        rows: { cells: unknown[]; object: { kind: string } }[];
      };
      const shown = columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name);
      expect(shown).toEqual(["Name", "Ready", "Status", "Restarts", "Age"]);
      expect(rows.map(({ cells }) => cells.slice(0, 4))).toEqual([
        ["read-a", "0/1", "Pending", "0"],
        ["read-b", "0/1", "Pending", "0"],
      ]);
      expect(rows[0]?.object.kind).toBe("PartialObjectMetadata");
    });

    test("a missing object is named, a missing resource is not", async () => {
      expect((await calls.get(`${PODS}/nothing`)).body).toEqual({
        kind: "Status",
        apiVersion: "v1",
        metadata: {},
        status: "Failure",
        message: 'pods "nothing" not found',
        reason: "NotFound",
        details: { name: "nothing", kind: "pods" },
        code: 404,
      });
      const { status, body } = await request(cluster, "GET", "/apis/stratos.sh/v1alpha1/pools");
      expect([status, body]).toEqual([404, "404 page not found\n"]);
    });
  });
};
