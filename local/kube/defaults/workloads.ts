import { childOf, isObject, type JsonObject, valueAt } from "../json-value.ts";
import type { KubeObject } from "../store.ts";
import { defaultPodSpec } from "./pod.ts";

const ROLLING = { maxUnavailable: "25%", maxSurge: "25%" };

/** Fields by kind that a workload gets when they are absent (pkg/apis/apps/v1/defaults.go, batch/v1/defaults.go). */
const SPEC: Readonly<Record<string, JsonObject>> = {
  Deployment: {
    replicas: 1,
    strategy: { type: "RollingUpdate", rollingUpdate: ROLLING },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  },
  ReplicaSet: { replicas: 1 },
  StatefulSet: { replicas: 1, podManagementPolicy: "OrderedReady", revisionHistoryLimit: 10 },
  DaemonSet: {
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    revisionHistoryLimit: 10,
  },
  Job: { completions: 1, parallelism: 1, backoffLimit: 6, completionMode: "NonIndexed", suspend: false },
};

/** Defaults of a workload and its pod template; a Job also gets its selector and the labels that it selects. */
export const defaultWorkload = (workload: KubeObject): void => {
  const spec = childOf(workload, "spec");
  for (const [field, value] of Object.entries(SPEC[workload.kind] ?? {})) spec[field] ??= value;
  const template = spec.template as { metadata?: { labels?: Record<string, string> }; spec?: JsonObject } | undefined;
  if (isObject(template?.spec)) defaultPodSpec(template.spec);
  if (workload.kind === "Job" && template) selectOwnPods(workload, spec, template);
  workload.status ??= {};
};

const selectOwnPods = (job: KubeObject, spec: JsonObject, template: { metadata?: JsonObject }): void => {
  const uid = job.metadata.uid;
  if (spec.selector || !uid) return;
  const labels = { "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": job.metadata.name };
  spec.selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  template.metadata = {
    ...template.metadata,
    labels: { ...(valueAt(template, ["metadata", "labels"]) as object), ...labels, "job-name": job.metadata.name },
  };
};
