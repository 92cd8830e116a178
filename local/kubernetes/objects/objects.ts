/** The Kubernetes objects that the simulated cluster uses, reduced to the fields that its components read and write. */
import type { KubeObject } from "../api-server/store.ts";

export interface Taint {
  key: string;
  value?: string;
  effect: string;
  timeAdded?: string;
}

export interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
  tolerationSeconds?: number;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastHeartbeatTime?: string;
  observedGeneration?: number;
}

/** Quantities by resource name, in manifest notation. */
export type ResourceList = Record<string, string | number>;

export interface NodeObject extends KubeObject {
  spec: { providerID?: string; unschedulable?: boolean; taints?: Taint[] };
  status: {
    capacity?: ResourceList;
    allocatable?: ResourceList;
    conditions?: Condition[];
    images?: { names: string[]; sizeBytes: number }[];
    [field: string]: unknown;
  };
}

export interface Container {
  name: string;
  image?: string;
  command?: string[];
  args?: string[];
  /** For an init container, `Always` makes it a sidecar. */
  restartPolicy?: string;
  ports?: { hostPort?: number; hostIP?: string; protocol?: string }[];
  resources?: { requests?: ResourceList };
  readinessProbe?: { initialDelaySeconds?: number };
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
}

export interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}

export interface NodeSelectorTerm {
  matchExpressions?: Requirement[];
  matchFields?: Requirement[];
}

export interface LabelSelector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
}

export interface PodAffinityTerm {
  labelSelector?: LabelSelector;
  matchLabelKeys?: string[];
  mismatchLabelKeys?: string[];
  namespaces?: string[];
  namespaceSelector?: LabelSelector;
  topologyKey: string;
}

export interface SpreadConstraint {
  topologyKey: string;
  maxSkew: number;
  whenUnsatisfiable: string;
  labelSelector?: LabelSelector;
  matchLabelKeys?: string[];
  minDomains?: number;
  nodeAffinityPolicy?: string;
  nodeTaintsPolicy?: string;
}

interface Terms {
  requiredDuringSchedulingIgnoredDuringExecution?: PodAffinityTerm[];
}

export interface Affinity {
  nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: NodeSelectorTerm[] } };
  podAffinity?: Terms;
  podAntiAffinity?: Terms;
}

export interface PodSpec {
  nodeName?: string;
  schedulerName?: string;
  nodeSelector?: Record<string, string>;
  affinity?: Affinity;
  tolerations?: Toleration[];
  topologySpreadConstraints?: SpreadConstraint[];
  containers: Container[];
  initContainers?: Container[];
  /** Of the pod as a whole. */
  resources?: { requests?: ResourceList };
  overhead?: ResourceList;
  priority?: number;
  restartPolicy?: string;
  schedulingGates?: { name: string }[];
  hostNetwork?: boolean;
  volumes?: { name: string; persistentVolumeClaim?: { claimName: string } }[];
  terminationGracePeriodSeconds?: number;
}

export interface ContainerStatus {
  name: string;
  restartCount: number;
  [field: string]: unknown;
}

export interface PodObject extends KubeObject {
  spec: PodSpec;
  status: {
    phase?: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    [field: string]: unknown;
  };
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: PodSpec;
}

export const conditionOf = (object: { status?: { conditions?: Condition[] } }, type: string): Condition | undefined =>
  object.status?.conditions?.find((condition) => condition.type === type);

export const isReady = (object: Parameters<typeof conditionOf>[0]): boolean =>
  conditionOf(object, "Ready")?.status === "True";

export const isFinished = ({ status }: PodObject): boolean => status.phase === "Succeeded" || status.phase === "Failed";

/** Neither finished nor being deleted. */
export const isActive = (pod: PodObject): boolean => !isFinished(pod) && !pod.metadata.deletionTimestamp;

export const podKey = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

/** The owner reference with `controller: true`, if any. */
export const controllerOf = ({ metadata }: KubeObject) =>
  metadata.ownerReferences?.find(({ controller }) => controller);

/** The instance id from a provider id of the form `aws:///zone/id`. */
export const instanceIdOf = (node: NodeObject): string | undefined => node.spec.providerID?.split("/").at(-1);

export interface Deployment extends KubeObject {
  spec: {
    replicas: number;
    selector: LabelSelector;
    template: PodTemplate;
    paused?: boolean;
    revisionHistoryLimit?: number;
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } };
  };
  status?: { conditions?: Condition[] };
}
