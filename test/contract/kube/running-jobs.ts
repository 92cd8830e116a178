import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Body, type Calls, callsTo } from "./calls.ts";
import { eventually, type Suite } from "./cluster.ts";
import { PODS } from "./objects.ts";

const JOBS = "/apis/batch/v1/namespaces/default/jobs";
const FINALIZER = "batch.kubernetes.io/job-tracking";

const aJob = (more: object = {}) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "tracked" },
  spec: {
    backoffLimit: 3,
    // No node has this label, so that nobody but the tests says how the pods end.
    template: {
      spec: {
        restartPolicy: "Never",
        nodeSelector: { nowhere: "yes" },
        containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }],
      },
    },
    ...more,
  },
});

export const describeJobs: Suite = (implementation, connect) => {
  describe(`A Job's pods on ${implementation}`, () => {
    let calls: Calls;
    beforeAll(async () => {
      calls = callsTo(await connect());
    });

    const pods = async (): Promise<readonly Body[]> =>
      (await calls.get(`${PODS}?labelSelector=job-name=tracked`)).body.items ?? [];
    const firstPod = () => eventually("a pod of the Job", async () => (await pods())[0]);
    const counted = (status: object) =>
      eventually(`a status with ${JSON.stringify(status)}`, async () => {
        const { body } = await calls.get(`${JOBS}/tracked`);
        const found = (body.status ?? {}) as Record<string, unknown>;
        return Object.entries(status).every(([field, value]) => found[field] === value) || undefined;
      });
    afterEach(async () => {
      await calls.delete(`${JOBS}/tracked`, { propagationPolicy: "Background" });
      await eventually("no pods", async () => (await pods()).length === 0 || undefined);
    });

    test("have the tracking finalizer, and lose it once they are finished and counted", async () => {
      await calls.create(JOBS, aJob());
      const { metadata } = await firstPod();
      expect(metadata.finalizers).toEqual([FINALIZER]);
      await calls.patch(`${PODS}/${metadata.name}/status`, "merge", { status: { phase: "Succeeded" } });
      await counted({ succeeded: 1 });
      const pod = await eventually("the finalizer to be gone", async () => {
        const { status, body } = await calls.get(`${PODS}/${metadata.name}`);
        return status === 200 && body.metadata.finalizers === undefined ? body : undefined;
      });
      expect(pod.metadata.deletionTimestamp).toBeUndefined();
    });

    test("count as failed when they are deleted, and are replaced", async () => {
      await calls.create(JOBS, aJob());
      const { metadata } = await firstPod();
      const { body } = await calls.delete(`${PODS}/${metadata.name}`);
      expect(body.metadata.finalizers).toEqual([FINALIZER]);
      await counted({ failed: 1 });
      await eventually("another pod", async () => {
        const names = (await pods()).map((pod) => pod.metadata.name);
        return (names.length === 1 && names[0] !== metadata.name) || undefined;
      });
    });
  });
};
