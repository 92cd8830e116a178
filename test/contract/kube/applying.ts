import { beforeAll, describe, expect, test } from "vitest";
import { MINIMAL, merged } from "../crd-cases.ts";
import { type Calls, callsTo } from "./calls.ts";
import type { Suite } from "./cluster.ts";
import { pathOf } from "./definitions.ts";

/** The fields that one manager applies to a pool. */
const aConfiguration = (name: string, spec: object) => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name },
  spec,
});

export const describeApplying: Suite = (implementation, connect) => {
  describe(`Server-side apply on ${implementation}`, () => {
    let calls: Calls;
    beforeAll(async () => {
      calls = callsTo(await connect());
    });

    const whole = (MINIMAL.NodePool as { spec: object }).spec;
    const apply = (name: string, manager: string, spec: object, more = "") =>
      calls.patch(pathOf("NodePool", `/${name}?fieldManager=${manager}${more}`), "apply", aConfiguration(name, spec));

    test("creates a missing object, and changes nothing the second time", async () => {
      const first = await apply("applied", "me", whole);
      const second = await apply("applied", "me", whole);
      expect([first.status, second.status]).toEqual([201, 200]);
      expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    });

    test("removes fields that its manager applied before and omits now", async () => {
      await apply("narrowed", "me", { ...whole, maxNodeRuntime: "1h" });
      const { body } = await apply("narrowed", "me", whole);
      expect(body.spec).not.toHaveProperty("maxNodeRuntime");
    });

    test("keeps fields that another manager also applied", async () => {
      await apply("common", "me", { ...whole, maxNodeRuntime: "1h" });
      await apply("common", "you", { maxNodeRuntime: "1h" });
      const { body } = await apply("common", "me", whole);
      expect(body).toMatchObject({ spec: { maxNodeRuntime: "1h" } });
    });

    test("refuses to change another manager's field, and names the manager and the field", async () => {
      await apply("owned", "me", whole);
      const { status, body } = await apply("owned", "you", { poolSize: 9 });
      expect([status, body.reason]).toEqual([409, "Conflict"]);
      expect(body.message).toBe('Apply failed with 1 conflict: conflict with "me": .spec.poolSize');
      expect(body).toMatchObject({
        details: {
          causes: [{ reason: "FieldManagerConflict", message: 'conflict with "me"', field: ".spec.poolSize" }],
        },
      });
    });

    test("takes the field with force, and then the other manager is in conflict", async () => {
      await apply("forced", "me", whole);
      const { status, body } = await apply("forced", "you", { poolSize: 9 }, "&force=true");
      expect([status, body.spec]).toMatchObject([200, { poolSize: 9 }]);
      expect((await apply("forced", "me", whole)).body.message).toContain('conflict with "you": .spec.poolSize');
    });

    test("conflicts with a manager that patched the field", async () => {
      await apply("edited", "me", whole);
      await calls.patch(pathOf("NodePool", "/edited?fieldManager=editor"), "merge", { spec: { poolSize: 9 } });
      const { body } = await apply("edited", "me", whole);
      expect(body.message).toBe(
        'Apply failed with 1 conflict: conflict with "editor" using stratos.sh/v1alpha1: .spec.poolSize',
      );
    });

    test("merges lists by the keys of the schema, in the order of the last applied list", async () => {
      const taints = (...keys: string[]) =>
        merged(whole, { template: { taints: keys.map((key) => ({ key, effect: "NoSchedule" })) } });
      const keysOf = ({ spec }: { spec?: unknown }) =>
        (spec as { template: { taints: { key: string }[] } }).template.taints.map(({ key }) => key);
      await apply("items", "me", taints("b", "d"));
      expect(keysOf((await apply("items", "you", taints("c", "d"))).body)).toEqual(["b", "c", "d"]);
      expect(keysOf((await apply("items", "you", taints("d", "e", "b"))).body)).toEqual(["d", "e", "b"]);
      expect(keysOf((await apply("items", "you", taints("a"))).body)).toEqual(["d", "b", "a"]);
    });

    test("requires a field manager", async () => {
      const { status, body } = await calls.patch(pathOf("NodePool", "/whose"), "apply", aConfiguration("whose", whole));
      expect([status, body.message]).toEqual([
        422,
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ]);
    });
  });
};
