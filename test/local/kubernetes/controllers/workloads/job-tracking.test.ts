import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../../local/kubernetes/api-server/store.ts";
import { aReadyNode, createStage, type Stage } from "../../stage.ts";

const FINALIZER = "batch.kubernetes.io/job-tracking";

/** Containers that need 10 s to end. */
const lifecycle = { preStop: { sleep: { seconds: 10 } } };

const aJob = (command: string[], more: object = {}): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "task", namespace: "default" },
  spec: {
    template: {
      spec: { restartPolicy: "Never", containers: [{ name: "main", image: "busybox", command, lifecycle }] },
    },
    ...more,
  },
});

const withJob = async (command: string[], more: object = {}): Promise<Stage> => {
  const stage = createStage();
  await aReadyNode(stage);
  stage.store.create("jobs.batch", aJob(command, more));
  await stage.advance(5);
  return stage;
};

const jobStatus = ({ store }: Stage) => store.get("jobs.batch", "task", "default")?.status;

describe("a pod of a Job", () => {
  it("has the tracking finalizer until it is finished and counted, and then stays until somebody deletes it", async () => {
    const stage = await withJob(["sleep", "10"]);
    expect(stage.pods("task-")[0]?.metadata.finalizers).toEqual([FINALIZER]);
    await stage.advance(20);
    expect(jobStatus(stage)).toMatchObject({ succeeded: 1 });
    expect(stage.pods("task-")).toMatchObject([{ status: { phase: "Succeeded" } }]);
    expect(stage.pods("task-")[0]?.metadata.finalizers).toBeUndefined();
    await stage.advance(3600);
    expect(stage.pods("task-")).toHaveLength(1);
  });

  it("that is deleted counts as failed at once, and is gone when its containers have ended", async () => {
    const stage = await withJob(["sleep", "600"]);
    const [first] = stage.pods("task-");
    stage.store.remove("pods", first?.metadata.name ?? "", "default");
    await stage.advance(2);
    expect(jobStatus(stage)).toMatchObject({ failed: 1 });
    await stage.advance(60);
    expect(stage.pods("task-").map(({ metadata }) => metadata.name)).not.toContain(first?.metadata.name);
    expect(stage.pods("task-")).toHaveLength(1);
    expect(jobStatus(stage)).toMatchObject({ failed: 1, active: 1 });
  });

  it("of a Job that replaces only failed pods stays until its end is reported", async () => {
    const stage = await withJob(["sleep", "600"], { podReplacementPolicy: "Failed" });
    const [first] = stage.pods("task-");
    stage.store.remove("pods", first?.metadata.name ?? "", "default");
    await stage.advance(2);
    expect(stage.pod(first?.metadata.name ?? "")?.metadata.finalizers).toEqual([FINALIZER]);
  });

  it("keeps its object for a moment even if it is deleted without a grace period", async () => {
    const stage = await withJob(["sleep", "600"]);
    const [first] = stage.pods("task-");
    const name = first?.metadata.name ?? "";
    stage.store.remove("pods", name, "default", { gracePeriodSeconds: 0 });
    expect(stage.pod(name)?.metadata).toMatchObject({ deletionGracePeriodSeconds: 0, finalizers: [FINALIZER] });
    await stage.advance(2);
    expect(stage.pod(name)).toBeUndefined();
  });

  it("is released when its Job is deleted", async () => {
    const stage = await withJob(["sleep", "600"]);
    stage.store.remove("jobs.batch", "task", "default");
    await stage.advance(5);
    expect(stage.pods("task-").flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
  });
});
