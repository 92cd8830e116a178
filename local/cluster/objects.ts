/** The parts of Kubernetes objects that the embedded cluster's components read and write. */
import type { KubeObject } from "../kube/store.ts";

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastHeartbeatTime?: string;
}

export interface NodeObject extends KubeObject {
  spec: { providerID?: string; unschedulable?: boolean; taints?: Taint[]; [field: string]: unknown };
  status: {
    conditions?: Condition[];
    allocatable?: Record<string, string>;
    capacity?: Record<string, string>;
    [field: string]: unknown;
  };
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  restartPolicy?: string;
  ports?: { hostPort?: number; protocol?: string; hostIP?: string }[];
  resources?: { requests?: Record<string, string | number> };
}

export interface NodeSelectorTerm {
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
  matchFields?: { key: string; operator: string; values?: string[] }[];
}

export interface PodSpec {
  nodeName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: {
    nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] } };
    [field: string]: unknown;
  };
  tolerations?: Toleration[];
  containers: Container[];
  initContainers?: Container[];
  overhead?: Record<string, string>;
  priority?: number;
  restartPolicy?: string;
  schedulingGates?: { name: string }[];
  terminationGracePeriodSeconds?: number;
  [field: string]: unknown;
}

export interface PodObject extends KubeObject {
  spec: PodSpec;
  status: { phase?: string; conditions?: Condition[]; [field: string]: unknown };
}

export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

/** Sets a condition in place; its transition time moves only with its status. False if nothing changed. */
export const setCondition = (
  object: { status?: { conditions?: Condition[] } },
  condition: Condition,
  now: number,
): boolean => {
  object.status ??= {};
  object.status.conditions ??= [];
  const { conditions } = object.status;
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const before = conditions[index];
  if (
    before?.status === condition.status &&
    before.reason === condition.reason &&
    before.message === condition.message
  ) {
    return false;
  }
  const lastTransitionTime =
    before?.status === condition.status && before.lastTransitionTime ? before.lastTransitionTime : rfc3339(now);
  const next = { ...condition, lastTransitionTime };
  if (index < 0) conditions.push(next);
  else conditions[index] = next;
  return true;
};

export const conditionOf = (object: { status?: { conditions?: Condition[] } }, type: string) =>
  object.status?.conditions?.find((condition) => condition.type === type);

export const isReady = (node: NodeObject) => conditionOf(node, "Ready")?.status === "True";

export const instanceIdOf = (node: NodeObject): string | undefined => node.spec.providerID?.split("/").at(-1);

export const isFinished = (pod: PodObject) => pod.status.phase === "Succeeded" || pod.status.phase === "Failed";

/** Source: k8s.io/component-helpers/scheduling/corev1, ToleratesTaint. */
export const tolerates = (tolerations: readonly Toleration[] | undefined, taint: Taint): Toleration | undefined =>
  tolerations?.find(
    ({ key, operator, value, effect }) =>
      (!effect || effect === taint.effect) &&
      (!key || key === taint.key) &&
      (operator === "Exists" || (key !== undefined && (value ?? "") === (taint.value ?? ""))),
  );
