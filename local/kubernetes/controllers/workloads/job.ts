import { timestamp } from "../../api-server/create-store.ts";
import type { KubeObject } from "../../api-server/store.ts";
import { type Condition, isActive, isReady, type PodTemplate } from "../../objects/objects.ts";
import { createPod } from "./create-pod.ts";
import { BATCH_MS, release, releaseOrphans, TRACKING_FINALIZER, uncounted } from "./job-tracking.ts";
import { startWorkloadController, type WorkloadController, type WorkloadOptions, writeStatus } from "./workload.ts";

interface Job extends KubeObject {
  spec: {
    template: PodTemplate;
    completions?: number;
    parallelism?: number;
    backoffLimit?: number;
    suspend?: boolean;
    ttlSecondsAfterFinished?: number;
    podReplacementPolicy?: string;
    podFailurePolicy?: object;
  };
  status?: {
    succeeded?: number;
    failed?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: Condition[];
  };
}

const isOver = ({ status }: Job): boolean =>
  status?.conditions?.some((each) => (each.type === "Complete" || each.type === "Failed") && each.status === "True") ??
  false;

/** The Job controller: runs each Job's pods until enough succeed or too many fail. Indexed Jobs run like non-indexed ones. */
export const startJobs = (options: WorkloadOptions): (() => void) => {
  const { clock, store, pods } = options;

  const condition = (type: string, reason: string): Condition => ({
    type,
    status: "True",
    reason,
    lastTransitionTime: timestamp(clock.now()),
  });

  const expire = (job: Job): void => {
    const { ttlSecondsAfterFinished: ttl } = job.spec;
    const ended = job.status?.conditions?.at(-1)?.lastTransitionTime;
    if (ttl === undefined || ended === undefined) return;
    const leftMs = Date.parse(ended) + ttl * 1000 - clock.now();
    if (leftMs > 0) controller.enqueueAfter(job, leftMs);
    else store.remove("jobs.batch", job.metadata.name, job.metadata.namespace);
  };

  const outcome = ({ spec }: Job, succeeded: number, failed: number): Condition[] => {
    if (succeeded >= (spec.completions ?? 1)) {
      return [condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete", "CompletionsReached")];
    }
    if (failed <= (spec.backoffLimit ?? 6)) return [];
    return [condition("FailureTarget", "BackoffLimitExceeded"), condition("Failed", "BackoffLimitExceeded")];
  };

  const reconcile = (job: Job): void => {
    const own = () => pods.ownedBy(job.metadata.uid ?? "");
    if (isOver(job)) {
      for (const pod of own()) release(store, pod);
      expire(job);
      return;
    }
    const ended = uncounted(job, own());
    const active = own().filter(isActive);
    const succeeded = (job.status?.succeeded ?? 0) + ended.succeeded;
    const failed = (job.status?.failed ?? 0) + ended.failed;
    const conditions = outcome(job, succeeded, failed);
    const remaining = (job.spec.completions ?? 1) - succeeded;
    const desired = conditions.length > 0 || job.spec.suspend ? 0 : Math.min(job.spec.parallelism ?? 1, remaining);
    const finalizers = [TRACKING_FINALIZER];
    for (let missing = desired - active.length; missing > 0; missing -= 1) {
      createPod(store, job, job.spec.template, { finalizers });
    }
    for (const { metadata } of active.slice(desired)) store.remove("pods", metadata.name, metadata.namespace);
    const now = timestamp(clock.now());
    const current = own().filter(isActive);
    writeStatus(store, "jobs.batch", job, {
      active: current.length,
      ready: current.filter(isReady).length,
      succeeded,
      failed,
      startTime: job.status?.startTime ?? now,
      ...(conditions.length > 0 && { conditions }),
      ...(conditions.some(({ type }) => type === "Complete") && { completionTime: now }),
    });
    for (const pod of ended.pods) release(store, pod);
  };

  const watched = { resource: "jobs.batch", kind: "Job", owned: "pods", batchMs: BATCH_MS };
  const controller: WorkloadController = startWorkloadController<Job>(options, watched, reconcile);
  const stops = [controller.stop, releaseOrphans(options)];
  return () => {
    for (const stop of stops) stop();
  };
};
