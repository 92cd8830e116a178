import { beforeAll, describe, expect, test } from "vitest";
import { MINIMAL, merged } from "../crd-cases.ts";
import { type Calls, callsTo } from "./calls.ts";
import type { Suite } from "./cluster.ts";
import { pathOf } from "./definitions.ts";
import { aConfigMap, anUntouchedPod, CONFIG_MAPS, PODS } from "./objects.ts";

const CHANGED_SINCE = "the object has been modified; please apply your changes to the latest version and try again";

const aPool = (name: string, changes: object = {}) => merged(MINIMAL.NodePool, { metadata: { name }, ...changes });

export const describeWriting: Suite = (implementation, connect) => {
  describe(`Writing to ${implementation}`, () => {
    let calls: Calls;
    beforeAll(async () => {
      calls = callsTo(await connect());
    });

    const aMap = async (name: string, more = {}) => (await calls.create(CONFIG_MAPS, aConfigMap(name, more))).body;
    const aStoredPool = async (name: string, changes: object = {}) =>
      (await calls.create(pathOf("NodePool"), aPool(name, changes))).body;

    test("an existing object cannot be created again", async () => {
      await aMap("twice");
      const { status, body } = await calls.create(CONFIG_MAPS, aConfigMap("twice"));
      expect([status, body.message]).toEqual([409, 'configmaps "twice" already exists']);
      expect(body).toMatchObject({ reason: "AlreadyExists", details: { name: "twice", kind: "configmaps" } });
    });

    test("a name is generated from generateName", async () => {
      const { body } = await calls.create(CONFIG_MAPS, { metadata: { generateName: "made-" } });
      expect(body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
    });

    test("nothing is created in a missing namespace", async () => {
      const { status, body } = await calls.create("/api/v1/namespaces/nowhere/configmaps", aConfigMap("a"));
      expect([status, body.message]).toEqual([404, 'namespaces "nowhere" not found']);
    });

    test("a dry run answers normally, and stores nothing", async () => {
      expect((await calls.create(`${CONFIG_MAPS}?dryRun=All`, aConfigMap("dry"))).status).toBe(201);
      expect((await calls.get(`${CONFIG_MAPS}/dry`)).status).toBe(404);
    });

    test("replacing an outdated version of an object is a conflict", async () => {
      const outdated = await aMap("stale");
      await calls.patch(`${CONFIG_MAPS}/stale`, "merge", { data: { b: "2" } });
      const { status, body } = await calls.replace(`${CONFIG_MAPS}/stale`, { ...outdated, data: { c: "3" } });
      expect([status, body.message]).toEqual([
        409,
        `Operation cannot be fulfilled on configmaps "stale": ${CHANGED_SINCE}`,
      ]);
      expect((await calls.get(`${CONFIG_MAPS}/stale`)).body).toMatchObject({ data: { a: "1", b: "2" } });
    });

    test.each(["merge", "strategic"] as const)("so is a %s patch with that version", async (how) => {
      const { metadata } = await aMap(`stale-${how}`);
      const path = `${CONFIG_MAPS}/stale-${how}`;
      await calls.patch(path, how, { data: { b: "2" } });
      const { resourceVersion } = metadata;
      const { status, body } = await calls.patch(path, how, { metadata: { resourceVersion }, data: { c: "3" } });
      expect([status, body.message]).toEqual([
        409,
        `Operation cannot be fulfilled on configmaps "stale-${how}": ${CHANGED_SINCE}`,
      ]);
    });

    test("a custom resource is replaced only with the version that is replaced", async () => {
      await aStoredPool("unversioned");
      const { status, body } = await calls.replace(pathOf("NodePool", "/unversioned"), aPool("unversioned"));
      expect(status).toBe(422);
      expect(body.message).toContain("metadata.resourceVersion: Invalid value");
    });

    test("a patch without a change keeps the version", async () => {
      const before = await aMap("same");
      const { status, body } = await calls.patch(`${CONFIG_MAPS}/same`, "merge", { data: { a: "1" } });
      expect([status, body.metadata.resourceVersion]).toEqual([200, before.metadata.resourceVersion]);
    });

    test("a custom resource's generation counts only changes to its spec", async () => {
      const generations = [(await aStoredPool("counted")).metadata.generation];
      for (const [rest, patch] of [
        ["", { metadata: { labels: { a: "b" } } }],
        ["/status", { status: { standby: 1 } }],
        ["", { spec: { poolSize: 5 } }],
      ] as const) {
        const { body } = await calls.patch(pathOf("NodePool", `/counted${rest}`), "merge", patch);
        generations.push(body.metadata.generation);
      }
      expect(generations).toEqual([1, 1, 1, 2]);
    });

    test("the status subresource leaves the spec unchanged, and the labels of a custom resource", async () => {
      await aStoredPool("subresources");
      const everything = { metadata: { labels: { a: "b" } }, spec: { poolSize: 9 }, status: { standby: 2 } };
      const { body } = await calls.patch(pathOf("NodePool", "/subresources/status"), "merge", everything);
      expect(body).toMatchObject({ spec: { poolSize: 4 }, status: { standby: 2 } });
      expect(body.metadata.labels).toBeUndefined();
      const { body: after } = await calls.patch(pathOf("NodePool", "/subresources"), "merge", {
        status: { standby: 7 },
      });
      expect(after).toMatchObject({ status: { standby: 2 } });
    });

    describe("a merge patch", () => {
      test("removes null fields, keeps other fields and replaces lists", async () => {
        const taint = (key: string) => ({ key, effect: "NoSchedule" });
        await aStoredPool("merged", { metadata: { name: "merged", labels: { a: "1", b: "2" } } });
        const { body } = await calls.patch(pathOf("NodePool", "/merged"), "merge", {
          metadata: { labels: { a: null, c: "3" } },
          spec: { template: { taints: [taint("x")] } },
        });
        expect(body.metadata.labels).toEqual({ b: "2", c: "3" });
        const { body: after } = await calls.patch(pathOf("NodePool", "/merged"), "merge", {
          spec: { template: { taints: [taint("y")] } },
        });
        expect(after).toMatchObject({ spec: { poolSize: 4, template: { taints: [{ key: "y" }] } } });
      });
    });

    describe("a JSON patch", () => {
      test("is applied in order, with escaped slashes in field names", async () => {
        await aMap("listed", { labels: { "stratos.sh/pool": "ci" } });
        const { status, body } = await calls.patch(`${CONFIG_MAPS}/listed`, "json", [
          { op: "test", path: "/metadata/labels/stratos.sh~1pool", value: "ci" },
          { op: "replace", path: "/metadata/labels/stratos.sh~1pool", value: "gpu" },
          { op: "add", path: "/data/b", value: "2" },
          { op: "remove", path: "/data/a" },
        ]);
        expect([status, body.metadata.labels, body.data]).toEqual([200, { "stratos.sh/pool": "gpu" }, { b: "2" }]);
      });

      test.each([
        ["a test that fails", { op: "test", path: "/data/a", value: "2" }],
        ["a removal of a missing field", { op: "remove", path: "/data/c" }],
      ])("with %s changes nothing", async (_what, impossible) => {
        const name = `whole-${impossible.op}`;
        await aMap(name);
        const patch = [{ op: "add", path: "/data/b", value: "2" }, impossible];
        const { status, body } = await calls.patch(`${CONFIG_MAPS}/${name}`, "json", patch);
        expect([status, body.message]).toEqual([422, "the server rejected our request due to an error in our request"]);
        expect((await calls.get(`${CONFIG_MAPS}/${name}`)).body.data).toEqual({ a: "1" });
      });
    });

    describe("a strategic merge patch", () => {
      const containers = (body: { spec?: unknown }) =>
        (body.spec as { containers: { name: string; image: string }[] }).containers.map(
          ({ name, image }) => `${name}=${image}`,
        );

      test("merges list items by their key", async () => {
        const two = ["a", "b"].map((name) => ({ name, image: "nginx:1" }));
        await calls.create(PODS, anUntouchedPod("strategic", { containers: two }));
        const patch = { spec: { containers: [{ name: "b", image: "nginx:2" }] } };
        const { body } = await calls.patch(`${PODS}/strategic`, "strategic", patch);
        expect(containers(body)).toEqual(["a=nginx:1", "b=nginx:2"]);
      });

      test("prepends new values of a set, and removes the values it names", async () => {
        await aMap("set", { finalizers: ["stratos.sh/a", "stratos.sh/b"] });
        const { body } = await calls.patch(`${CONFIG_MAPS}/set`, "strategic", {
          metadata: { finalizers: ["stratos.sh/c"], "$deleteFromPrimitiveList/finalizers": ["stratos.sh/a"] },
        });
        expect(body.metadata.finalizers).toEqual(["stratos.sh/c", "stratos.sh/b"]);
        await calls.patch(`${CONFIG_MAPS}/set`, "merge", { metadata: { finalizers: null } });
      });

      test("is not supported for custom resources", async () => {
        await aStoredPool("not-strategic");
        const { status, body } = await calls.patch(pathOf("NodePool", "/not-strategic"), "strategic", {});
        expect([status, body.reason]).toEqual([415, "UnsupportedMediaType"]);
      });
    });
  });
};
