/** Kubernetes objects as in their JSON (times are RFC 3339 strings), reduced to the fields that Stratos reads. */
import { ANNOTATION } from "../names.ts";
import type { Affinity, SpreadConstraint } from "./scheduling.ts";

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[];
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly observedGeneration?: number;
}

/** Kubernetes quantities (`250m`, `1Gi`) by resource name. */
export type ResourceList = Readonly<Record<string, string>>;

export interface KubeNode {
  readonly metadata: ObjectMeta;
  readonly spec?: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly Taint[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly allocatable?: ResourceList;
    readonly capacity?: ResourceList;
    /** The images on the node's disk. Kubelet reports at most 50 unless configured otherwise, largest first. */
    readonly images?: readonly { readonly names?: readonly string[]; readonly sizeBytes?: number }[];
    readonly nodeInfo?: { readonly bootID?: string };
  };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly restartPolicy?: string;
  readonly resources?: { readonly requests?: ResourceList; readonly limits?: ResourceList };
  readonly ports?: readonly {
    readonly containerPort?: number;
    readonly hostPort?: number;
    readonly hostIP?: string;
    readonly protocol?: string;
  }[];
}

/** A volume of a pod; only those with a claim matter. For an `ephemeral` volume the claim is created with the pod. */
export interface Volume {
  readonly name: string;
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly ephemeral?: { readonly volumeClaimTemplate?: { readonly spec?: { readonly storageClassName?: string } } };
}

/** The spec of pods and of pod templates. */
export interface PodSpec {
  readonly nodeName?: string;
  /** 30 if absent. */
  readonly terminationGracePeriodSeconds?: number;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: Affinity;
  readonly tolerations?: readonly Toleration[];
  readonly topologySpreadConstraints?: readonly SpreadConstraint[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  /** Pod-level resources; the requests here replace the sum of the containers'. */
  readonly resources?: { readonly requests?: ResourceList; readonly limits?: ResourceList };
  readonly overhead?: ResourceList;
  readonly priority?: number;
  readonly hostNetwork?: boolean;
  readonly imagePullSecrets?: readonly { readonly name?: string }[];
  readonly volumes?: readonly Volume[];
  /** Claims of dynamic resource allocation. */
  readonly resourceClaims?: readonly {
    readonly name: string;
    readonly resourceClaimName?: string;
    readonly resourceClaimTemplateName?: string;
  }[];
}

export interface KubePod {
  readonly metadata: ObjectMeta;
  readonly spec: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly { readonly state?: { readonly running?: { readonly startedAt?: string } } }[];
    /** The node on which the scheduler makes room for the pod by preemption. */
    readonly nominatedNodeName?: string;
    /** The claims that were created from templates. */
    readonly resourceClaimStatuses?: readonly { readonly name: string; readonly resourceClaimName?: string }[];
  };
}

/** On the mirror pods of static pods. */
export const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

/**
 * The annotations by which a pod asks not to be disturbed, with the value that says so: Stratos' own, Karpenter's (docs/concepts/disruption) and Cluster
 * Autoscaler's (FAQ, "What types of pods can prevent CA from removing a node?").
 */
export const PROTECTING_ANNOTATIONS = {
  [ANNOTATION.doNotDisrupt]: "true",
  "karpenter.sh/do-not-disrupt": "true",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
} as const;

type PodAnnotation = typeof MIRROR_ANNOTATION | keyof typeof PROTECTING_ANNOTATIONS;

/** A pod on a node, reduced to what decides about the node. */
export interface BoundPod {
  readonly metadata: Pick<
    ObjectMeta,
    | "name"
    | "namespace"
    | "uid"
    | "creationTimestamp"
    | "deletionTimestamp"
    | "deletionGracePeriodSeconds"
    | "labels"
    | "ownerReferences"
  > & { readonly annotations?: { readonly [K in PodAnnotation]?: string } };
  readonly spec: Pick<PodSpec, "nodeName" | "terminationGracePeriodSeconds" | "tolerations" | "volumes">;
  readonly status?: Pick<NonNullable<KubePod["status"]>, "phase" | "conditions" | "containerStatuses">;
}

export interface DaemonSet {
  readonly metadata: ObjectMeta;
  readonly spec: { readonly template: { readonly metadata?: Partial<ObjectMeta>; readonly spec: PodSpec } };
}

/** Whether a person keeps the node from being started. */
export const isOnHold = (node: KubeNode | undefined): boolean =>
  node?.metadata.annotations?.[ANNOTATION.hold] !== undefined;

/** The condition of the given type, if the object reports it. */
export const conditionOf = (
  object: { readonly status?: { readonly conditions?: readonly Condition[] } } | undefined,
  type: string,
): Condition | undefined => object?.status?.conditions?.find((condition) => condition.type === type);

export const isReady = (object: Parameters<typeof conditionOf>[0]): boolean =>
  conditionOf(object, "Ready")?.status === "True";

export type Labels = Readonly<Record<string, string>>;

export interface ZoneCount {
  readonly nodes: number;
  readonly standby: number;
  /** Those of `nodes` that are in no pool. */
  readonly others: number;
}
