import { beforeAll, describe, expect, test } from "vitest";
import { type Calls, callsTo, namesIn } from "./calls.ts";
import type { Suite } from "./cluster.ts";
import { aConfigMap, anUntouchedPod, CONFIG_MAPS, PODS } from "./objects.ts";

const FINALIZER = "stratos.sh/nodepool-finalizer";

export const describeDeleting: Suite = (implementation, connect) => {
  describe(`Deleting on ${implementation}`, () => {
    let calls: Calls;
    beforeAll(async () => {
      calls = callsTo(await connect());
    });

    const aMap = async (name: string, more = {}) => (await calls.create(CONFIG_MAPS, aConfigMap(name, more))).body;

    test("an object is deleted at once, and the response names it", async () => {
      const { metadata } = await aMap("short-lived");
      const { status, body } = await calls.delete(`${CONFIG_MAPS}/short-lived`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: "Success",
        details: { name: "short-lived", kind: "configmaps", uid: metadata.uid },
      });
      const again = await calls.delete(`${CONFIG_MAPS}/short-lived`);
      expect([again.status, again.body.message]).toEqual([404, 'configmaps "short-lived" not found']);
    });

    test("a finalizer keeps an object, marked for deletion, until the finalizer is removed", async () => {
      await aMap("kept", { finalizers: [FINALIZER] });
      const { status, body } = await calls.delete(`${CONFIG_MAPS}/kept`);
      expect([status, body.kind]).toEqual([200, "ConfigMap"]);
      expect(body.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      expect((await calls.get(`${CONFIG_MAPS}/kept`)).body.metadata.deletionGracePeriodSeconds).toBe(0);
      const last = await calls.patch(`${CONFIG_MAPS}/kept`, "merge", { metadata: { finalizers: null } });
      expect(last.status).toBe(200);
      expect((await calls.get(`${CONFIG_MAPS}/kept`)).status).toBe(404);
    });

    test("an object that is being deleted gets no new finalizers", async () => {
      await aMap("leaving", { finalizers: [FINALIZER] });
      await calls.delete(`${CONFIG_MAPS}/leaving`);
      const patch = { metadata: { finalizers: [FINALIZER, "stratos.sh/in-use"] } };
      const { status, body } = await calls.patch(`${CONFIG_MAPS}/leaving`, "merge", patch);
      expect(status).toBe(422);
      expect(body.message).toContain("no new finalizers can be added if the object is being deleted");
      await calls.patch(`${CONFIG_MAPS}/leaving`, "merge", { metadata: { finalizers: null } });
    });

    test("preconditions protect a newer object of the same name", async () => {
      const { metadata } = await aMap("renewed");
      const { status, body } = await calls.delete(`${CONFIG_MAPS}/renewed`, { preconditions: { uid: "other" } });
      expect(status).toBe(409);
      expect(body.message).toContain(
        `the UID in the precondition (other) does not match the UID in record (${metadata.uid})`,
      );
      expect((await calls.get(`${CONFIG_MAPS}/renewed`)).status).toBe(200);
    });

    test("one request deletes all selected objects", async () => {
      for (const name of ["many-1", "many-2"]) await aMap(name, { labels: { many: "yes" } });
      const selection = `${CONFIG_MAPS}?labelSelector=many=yes`;
      expect(namesIn(await calls.delete(selection))).toEqual(["many-1", "many-2"]);
      expect(namesIn(await calls.get(selection))).toEqual([]);
    });

    test("a pod without a node is deleted at once", async () => {
      await calls.create(PODS, anUntouchedPod("nowhere"));
      expect((await calls.delete(`${PODS}/nowhere`)).body.kind).toBe("Pod");
      expect((await calls.get(`${PODS}/nowhere`)).status).toBe(404);
    });

    test("a pod on a node gets its grace period, which can only be shortened", async () => {
      await calls.create(PODS, anUntouchedPod("graceful", { nodeName: "gone", terminationGracePeriodSeconds: 40 }));
      const graces: unknown[] = [];
      for (const options of [{}, { gracePeriodSeconds: 50 }, { gracePeriodSeconds: 20 }]) {
        await calls.delete(`${PODS}/graceful`, options);
        graces.push((await calls.get(`${PODS}/graceful`)).body.metadata.deletionGracePeriodSeconds);
      }
      expect(graces).toEqual([40, 40, 20]);
      await calls.delete(`${PODS}/graceful`, { gracePeriodSeconds: 0 });
      expect((await calls.get(`${PODS}/graceful`)).status).toBe(404);
    });
  });
};
