import { childOf, isObject, type JsonObject, valueAt } from "../json-value.ts";
import type { KubeObject } from "../store.ts";
import { defaultPodSpec } from "./pod.ts";

/** The default update strategy by kind: the name of the field, and the default rolling update parameters. */
const STRATEGIES: Readonly<Record<string, readonly [field: string, rollingUpdate: JsonObject]>> = {
  Deployment: ["strategy", { maxUnavailable: "25%", maxSurge: "25%" }],
  DaemonSet: ["updateStrategy", { maxUnavailable: 1, maxSurge: 0 }],
};

/** Default spec fields by kind (pkg/apis/apps/v1/defaults.go, batch/v1/defaults.go). */
const SPEC: Readonly<Record<string, JsonObject>> = {
  Deployment: { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  ReplicaSet: { replicas: 1 },
  StatefulSet: { replicas: 1, podManagementPolicy: "OrderedReady", revisionHistoryLimit: 10 },
  DaemonSet: { revisionHistoryLimit: 10 },
  Job: {
    completions: 1,
    parallelism: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    manualSelector: false,
    podReplacementPolicy: "TerminatingOrFailed",
    suspend: false,
  },
};

/** Defaults of a workload and its pod template. A Job also gets its selector and the matching labels. */
export const defaultWorkload = (workload: KubeObject): void => {
  const spec = childOf(workload, "spec");
  for (const [field, value] of Object.entries(SPEC[workload.kind] ?? {})) spec[field] ??= value;
  defaultStrategy(workload.kind, spec);
  const template = spec.template as { metadata?: { labels?: Record<string, string> }; spec?: JsonObject } | undefined;
  if (isObject(template?.spec)) defaultPodSpec(template.spec);
  if (workload.kind === "Job" && template) selectOwnPods(workload, spec, template);
  workload.status ??= {};
};

const defaultStrategy = (kind: string, spec: JsonObject): void => {
  const [field, rollingUpdate] = STRATEGIES[kind] ?? [];
  if (field === undefined) return;
  const strategy = childOf(spec, field);
  strategy.type ??= "RollingUpdate";
  if (strategy.type !== "RollingUpdate") return;
  const found = childOf(strategy, "rollingUpdate");
  for (const [name, value] of Object.entries(rollingUpdate ?? {})) found[name] ??= value;
};

const selectOwnPods = (job: KubeObject, spec: JsonObject, template: { metadata?: JsonObject }): void => {
  const uid = job.metadata.uid;
  if (spec.selector || !uid) return;
  const { name } = job.metadata;
  const labels = {
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": name,
    "controller-uid": uid,
    "job-name": name,
  };
  spec.selector = { matchLabels: { "batch.kubernetes.io/controller-uid": uid } };
  const all = { ...(valueAt(template, ["metadata", "labels"]) as object), ...labels };
  template.metadata = { ...template.metadata, labels: all };
  job.metadata.labels ??= all;
};
