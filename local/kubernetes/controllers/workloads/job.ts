import { timestamp } from "../../api-server/create-store.ts";
import type { KubeObject } from "../../api-server/store.ts";
import { type Condition, isActive, isFinished, isReady, type PodTemplate } from "../../objects/objects.ts";
import { createPod } from "./create-pod.ts";
import { startWorkloadController, type WorkloadController, type WorkloadOptions, writeStatus } from "./workload.ts";

interface Job extends KubeObject {
  spec: {
    template: PodTemplate;
    completions?: number;
    parallelism?: number;
    backoffLimit?: number;
    suspend?: boolean;
    ttlSecondsAfterFinished?: number;
  };
  status?: { startTime?: string; completionTime?: string; conditions?: Condition[] };
}

const isOver = ({ status }: Job): boolean =>
  status?.conditions?.some((each) => (each.type === "Complete" || each.type === "Failed") && each.status === "True") ??
  false;

/** The Job controller: runs each Job's pods until enough succeed or too many fail. Indexed Jobs run like non-indexed ones. */
export const startJobs = (options: WorkloadOptions): (() => void) => {
  const { clock, store, pods } = options;
  /** Phases of finished pods by Job uid and pod uid. */
  const endedPods = new Map<string, Map<string, string>>();

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

  /** Also counts pods that were deleted after they finished; upstream ensures this with its tracking finalizer. */
  const count = ({ metadata }: Job) => {
    const ended = endedPods.get(metadata.uid ?? "") ?? new Map<string, string>();
    endedPods.set(metadata.uid ?? "", ended);
    const own = pods.ownedBy(metadata.uid ?? "");
    for (const pod of own) if (isFinished(pod)) ended.set(pod.metadata.uid ?? "", pod.status.phase ?? "");
    const phases = [...ended.values()];
    return {
      active: own.filter(isActive),
      succeeded: phases.filter((phase) => phase === "Succeeded").length,
      failed: phases.filter((phase) => phase === "Failed").length,
    };
  };

  const outcome = ({ spec }: Job, succeeded: number, failed: number): Condition[] => {
    if (succeeded >= (spec.completions ?? 1)) {
      return [condition("SuccessCriteriaMet", "CompletionsReached"), condition("Complete", "CompletionsReached")];
    }
    if (failed <= (spec.backoffLimit ?? 6)) return [];
    return [condition("FailureTarget", "BackoffLimitExceeded"), condition("Failed", "BackoffLimitExceeded")];
  };

  const reconcile = (job: Job): void => {
    if (isOver(job)) {
      expire(job);
      return;
    }
    const { active, succeeded, failed } = count(job);
    const conditions = outcome(job, succeeded, failed);
    const remaining = (job.spec.completions ?? 1) - succeeded;
    const desired = conditions.length > 0 || job.spec.suspend ? 0 : Math.min(job.spec.parallelism ?? 1, remaining);
    for (let missing = desired - active.length; missing > 0; missing -= 1) createPod(store, job, job.spec.template);
    for (const { metadata } of active.slice(desired)) store.remove("pods", metadata.name, metadata.namespace);
    const now = timestamp(clock.now());
    const current = count(job).active;
    writeStatus(store, "jobs.batch", job, {
      active: current.length,
      ready: current.filter(isReady).length,
      succeeded,
      failed,
      startTime: job.status?.startTime ?? now,
      ...(conditions.length > 0 && { conditions }),
      ...(conditions.some(({ type }) => type === "Complete") && { completionTime: now }),
    });
  };

  const watched = { resource: "jobs.batch", kind: "Job", owned: "pods" };
  const controller: WorkloadController = startWorkloadController<Job>(options, watched, reconcile);
  return controller.stop;
};
