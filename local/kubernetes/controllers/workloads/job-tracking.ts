/**
 * The finalizer that keeps a Job's pod, deleted or not, until the Job controller has counted how it ended. Sources: "Jobs", job tracking with
 * finalizers; kubernetes, pkg/controller/job/job_controller.go; kubernetes#109429 and k8up-io/k8up#554 show pods that stay for long.
 */
import type { KubeObject, Store } from "../../api-server/store.ts";
import { controllerOf, isFinished, type PodObject } from "../../objects/objects.ts";
import type { WorkloadOptions } from "./workload.ts";

export const TRACKING_FINALIZER = "batch.kubernetes.io/job-tracking";
/** Changes of pods are handled together, a second after the first of them (syncJobBatchPeriod). */
export const BATCH_MS = 1_000;

interface Policies extends KubeObject {
  spec: { podReplacementPolicy?: string; podFailurePolicy?: object };
}

const isTracked = ({ metadata }: KubeObject): boolean => metadata.finalizers?.includes(TRACKING_FINALIZER) ?? false;

/** A pod that is being deleted counts as failed at once, unless the Job replaces only failed pods (isPodFailed). */
const isOver = ({ spec }: Policies, pod: PodObject): boolean =>
  isFinished(pod) ||
  (pod.metadata.deletionTimestamp !== undefined && spec.podReplacementPolicy !== "Failed" && !spec.podFailurePolicy);

/** The Job's pods that have ended but are not yet counted in its status. */
export const uncounted = (job: Policies, pods: readonly PodObject[]) => {
  const ended = pods.filter((pod) => isTracked(pod) && isOver(job, pod));
  const succeeded = ended.filter(({ status }) => status.phase === "Succeeded").length;
  return { succeeded, failed: ended.length - succeeded, pods: ended };
};

/** Removes the finalizer, which ends a pod that is being deleted. */
export const release = (store: Store, { metadata }: KubeObject): void =>
  void store.change("pods", metadata.name, metadata.namespace, ({ metadata: current }) => {
    current.finalizers = current.finalizers?.filter((name) => name !== TRACKING_FINALIZER);
  });

/** Releases the pods of Jobs that are gone or being deleted. */
export const releaseOrphans = ({ clock, store, pods }: WorkloadOptions): (() => void) => {
  let isStopped = false;
  const later = (run: () => void) =>
    clock.after(BATCH_MS, () => {
      if (!isStopped) run();
    });
  const hasJob = (pod: KubeObject): boolean => {
    const owner = controllerOf(pod);
    const job = owner && store.get("jobs.batch", owner.name, pod.metadata.namespace);
    return job !== undefined && job.metadata.uid === owner?.uid && !job.metadata.deletionTimestamp;
  };
  const stops = [
    store.subscribe("jobs.batch", ({ type, object }) => {
      if (type !== "DELETED" && !object.metadata.deletionTimestamp) return;
      later(() => {
        for (const pod of pods.ownedBy(object.metadata.uid ?? ""))
          if (isTracked(pod) && !hasJob(pod)) release(store, pod);
      });
    }),
    store.subscribe("pods", ({ type, object }) => {
      if (type !== "DELETED" && isTracked(object) && !hasJob(object)) later(() => release(store, object));
    }),
  ];
  return () => {
    isStopped = true;
    for (const stop of stops) stop();
  };
};
