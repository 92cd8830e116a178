import { beforeAll, describe, expect, test } from "vitest";
import { type Calls, callsTo } from "./calls.ts";
import { eventually, type Suite } from "./cluster.ts";
import { aConfigMap, CONFIG_MAPS } from "./objects.ts";

const NAMESPACES = "/api/v1/namespaces";

export const describeOwning: Suite = (implementation, connect) => {
  describe(`An object with an owner on ${implementation}`, () => {
    let calls: Calls;
    beforeAll(async () => {
      calls = callsTo(await connect());
    });

    const gone = (path: string) =>
      eventually(`${path} to be gone`, async () => (await calls.get(path)).status === 404 || undefined);
    /** An owner and its dependent. */
    const aFamily = async (name: string, finalizers?: string[]) => {
      const { body } = await calls.create(CONFIG_MAPS, aConfigMap(name));
      const owner = { apiVersion: "v1", kind: "ConfigMap", name, uid: body.metadata.uid, blockOwnerDeletion: true };
      const child = aConfigMap(`${name}-child`);
      await calls.create(CONFIG_MAPS, {
        ...child,
        metadata: { ...child.metadata, ownerReferences: [owner], finalizers },
      });
    };

    test("is deleted after its owner", async () => {
      await aFamily("owner");
      await calls.delete(`${CONFIG_MAPS}/owner`);
      await gone(`${CONFIG_MAPS}/owner-child`);
    });

    test("is deleted before its owner with foreground propagation", async () => {
      await aFamily("last", ["stratos.sh/in-use"]);
      await calls.delete(`${CONFIG_MAPS}/last`, { propagationPolicy: "Foreground" });
      await eventually("the child to be marked for deletion", async () => {
        const { body } = await calls.get(`${CONFIG_MAPS}/last-child`);
        return body.metadata.deletionTimestamp;
      });
      const { body } = await calls.get(`${CONFIG_MAPS}/last`);
      expect(body.metadata.finalizers).toEqual(["foregroundDeletion"]);
      await calls.patch(`${CONFIG_MAPS}/last-child`, "merge", { metadata: { finalizers: null } });
      await gone(`${CONFIG_MAPS}/last`);
    });

    test("stays without an owner with orphan propagation", async () => {
      await aFamily("forgetful");
      await calls.delete(`${CONFIG_MAPS}/forgetful`, { propagationPolicy: "Orphan" });
      await gone(`${CONFIG_MAPS}/forgetful`);
      const { body } = await calls.get(`${CONFIG_MAPS}/forgetful-child`);
      expect(body.metadata.ownerReferences).toBeUndefined();
    });

    test("is deleted with its namespace, which accepts no new objects meanwhile", async () => {
      await calls.create(NAMESPACES, { metadata: { name: "leaving" } });
      const maps = `${NAMESPACES}/leaving/configmaps`;
      await calls.create(maps, aConfigMap("inside", { finalizers: ["stratos.sh/in-use"] }));
      expect((await calls.delete(`${NAMESPACES}/leaving`)).body.status).toMatchObject({ phase: "Terminating" });
      const { status, body } = await calls.create(maps, aConfigMap("late"));
      expect([status, body.message]).toEqual([
        403,
        'configmaps "late" is forbidden: unable to create new content in namespace leaving because it is being terminated',
      ]);
      await calls.patch(`${maps}/inside`, "merge", { metadata: { finalizers: null } });
      await gone(`${NAMESPACES}/leaving`);
    });
  });
};
