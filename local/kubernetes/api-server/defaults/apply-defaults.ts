import { childOf } from "../json-value.ts";
import type { KubeObject, ResourceName } from "../store.ts";
import { defaultNode } from "./node.ts";
import { defaultPod } from "./pod.ts";
import { defaultWorkload } from "./workloads.ts";

type Default = (object: KubeObject) => void;

const DEFAULTS: Readonly<Record<ResourceName, Default>> = {
  pods: defaultPod,
  "deployments.apps": defaultWorkload,
  "replicasets.apps": defaultWorkload,
  "daemonsets.apps": defaultWorkload,
  "statefulsets.apps": defaultWorkload,
  "jobs.batch": defaultWorkload,
  namespaces: (namespace) => {
    namespace.metadata.labels = {
      ...namespace.metadata.labels,
      "kubernetes.io/metadata.name": namespace.metadata.name,
    };
    namespace.spec ??= { finalizers: ["kubernetes"] };
    namespace.status ??= { phase: "Active" };
  },
  nodes: defaultNode,
  services: (service) => {
    const spec = childOf(service, "spec");
    spec.type ??= "ClusterIP";
    spec.sessionAffinity ??= "None";
  },
  "poddisruptionbudgets.policy": (budget) => {
    const status = childOf(budget, "status");
    for (const count of ["currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods"]) status[count] ??= 0;
  },
  secrets: (secret) => {
    secret.type ??= "Opaque";
  },
};

/** Fills in the real API server's defaults, as far as other components rely on them. Works in place and is idempotent. */
export const applyDefaults = (resource: ResourceName, object: KubeObject): void => DEFAULTS[resource]?.(object);
