import { timestamp } from "../../api-server/create-store.ts";
import type { KubeObject } from "../../api-server/store.ts";
import { type Condition, isActive, isFinished, isReady, type PodTemplate } from "../../objects.ts";
import { createPod } from "./create-pod.ts";
import { startWorkloadLoop, type WorkloadLoop, type WorkloadOptions, writeStatus } from "./workload.ts";

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

/** Runs each Job's pods until enough of them succeeded or too many failed; indexed completion is not told apart. */
export const startJobs = (options: WorkloadOptions): (() => void) => {
  const { clock, store, pods } = options;
  /** Phases of ended pods, by job and pod. */
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
    if (leftMs > 0) loop.addLater(job, leftMs);
    else store.remove("jobs.batch", job.metadata.name, job.metadata.namespace);
  };

  /** Counts also pods that have been deleted since they ended, as upstream's tracking finalizer makes sure of. */
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
    const open = (job.spec.completions ?? 1) - succeeded;
    const wanted = conditions.length > 0 || job.spec.suspend ? 0 : Math.min(job.spec.parallelism ?? 1, open);
    for (let missing = wanted - active.length; missing > 0; missing -= 1) createPod(store, job, job.spec.template);
    for (const { metadata } of active.slice(wanted)) store.remove("pods", metadata.name, metadata.namespace);
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
  const loop: WorkloadLoop = startWorkloadLoop<Job>(options, watched, reconcile);
  return loop.stop;
};
