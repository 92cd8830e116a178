import { childOf, isObject, type JsonObject, objectsIn } from "../json-value.ts";
import type { KubeObject } from "../store.ts";

/** From the admission plugin DefaultTolerationSeconds: how long a pod stays on an unreachable or not-ready node. */
const TOLERATION_SECONDS = 300;
const TOLERATED_TAINTS = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

interface Toleration {
  key?: string;
  operator?: string;
  effect?: string;
}

/** Defaults of a pod, its QoS class and its initial status (k8s.io/kubernetes pkg/apis/core/v1/defaults.go). */
export const defaultPod = (pod: KubeObject): void => {
  const spec = childOf(pod, "spec");
  defaultPodSpec(spec);
  defaultPodRequests(spec);
  spec.priority ??= 0;
  spec.enableServiceLinks ??= true;
  spec.preemptionPolicy ??= "PreemptLowerPriority";
  addTolerations(spec);
  const status = childOf(pod, "status");
  status.phase ??= "Pending";
  status.qosClass ??= qosClass(spec);
};

/** Defaults that also apply to pod templates. */
export const defaultPodSpec = (spec: JsonObject): void => {
  spec.restartPolicy ??= "Always";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ??= "ClusterFirst";
  spec.securityContext ??= {};
  spec.schedulerName ??= "default-scheduler";
  if (spec.serviceAccountName) spec.serviceAccount ??= spec.serviceAccountName;
  for (const container of containersOf(spec)) defaultContainer(container);
  for (const volume of objectsIn(spec.volumes)) {
    for (const source of ["configMap", "secret", "downwardAPI", "projected"]) {
      if (isObject(volume[source])) (volume[source] as JsonObject).defaultMode ??= 420;
    }
  }
};

const defaultContainer = (container: JsonObject): void => {
  container.imagePullPolicy ??= /(^|\/)[^:@]+$|:latest$/.test(String(container.image ?? ""))
    ? "Always"
    : "IfNotPresent";
  container.terminationMessagePath ??= "/dev/termination-log";
  container.terminationMessagePolicy ??= "File";
  container.resources ??= {};
  const resources = container.resources as { limits?: JsonObject; requests?: JsonObject };
  if (resources.limits) resources.requests = { ...resources.limits, ...resources.requests };
  for (const port of objectsIn(container.ports)) port.protocol ??= "TCP";
};

/**
 * Limits of the pod as a whole become its requests of the resources that no container requests. The requests of containers are not copied to the pod,
 * which changes nothing for the scheduler. Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go, defaultPodRequests.
 */
const defaultPodRequests = (spec: JsonObject): void => {
  const resources = spec.resources as { limits?: JsonObject; requests?: JsonObject } | undefined;
  if (!resources?.limits) return;
  const requested = containersOf(spec).map((container) => (container.resources as { requests?: JsonObject }).requests);
  const free = Object.entries(resources.limits).filter(([name]) => requested.every((own) => own?.[name] === undefined));
  resources.requests = { ...Object.fromEntries(free), ...resources.requests };
};

const addTolerations = (spec: JsonObject): void => {
  const tolerations = (spec.tolerations ?? []) as Toleration[];
  const covers = (key: string) =>
    tolerations.some(
      (toleration) =>
        (toleration.key === key || !toleration.key) && (!toleration.effect || toleration.effect === "NoExecute"),
    );
  const missing = TOLERATED_TAINTS.filter((key) => !covers(key));
  if (missing.length === 0) return;
  spec.tolerations = [
    ...tolerations,
    ...missing.map((key) => ({
      key,
      operator: "Exists",
      effect: "NoExecute",
      tolerationSeconds: TOLERATION_SECONDS,
    })),
  ];
};

const qosClass = (spec: JsonObject): string => {
  const resources = containersOf(spec).map(
    (container) => (container.resources ?? {}) as { limits?: JsonObject; requests?: JsonObject },
  );
  const names = ["cpu", "memory"];
  if (resources.every(({ limits, requests }) => names.every((name) => !limits?.[name] && !requests?.[name]))) {
    return "BestEffort";
  }
  const guaranteed = resources.every(({ limits, requests }) =>
    names.every((name) => limits?.[name] !== undefined && limits[name] === requests?.[name]),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
};

const containersOf = (spec: JsonObject): JsonObject[] => [
  ...objectsIn(spec.containers),
  ...objectsIn(spec.initContainers),
];
