/**
 * The spec of a NodePool as the planner uses it: with all defaults of the CRD applied, and durations in milliseconds. The API server applies the
 * same defaults, but not to objects that were stored before a default existed.
 */

import type { KubeNode, Taint } from "../kubernetes/objects.ts";
import { sameTaint } from "../kubernetes/taints.ts";
import { LABEL, TAINT } from "../names.ts";
import { parseDuration } from "./duration.ts";
import type { AWSNodeClass, NodePool, NodePoolSpec } from "./types.ts";

/** Has the structure and the names of the CRD. */
export interface PoolSpec {
  readonly poolSize: number;
  readonly minStandby: number;
  readonly paused: boolean;
  readonly dryRun: boolean;
  /** Among pools that could run the same pods, the one of greater weight starts nodes first. */
  readonly weight: number;
  readonly reconciliationIntervalMs: number;
  /** 0: no limit. */
  readonly maxNodeRuntimeMs: number;
  readonly template: {
    readonly nodeClassRef: { readonly name: string };
    /** Includes `stratos.sh/pool`. */
    readonly labels: Readonly<Record<string, string>>;
    readonly taints: readonly Taint[];
    readonly startupTaints: readonly Taint[];
    /** `External`: somebody else removes the startup taints, such as the network plugin's operator. */
    readonly startupTaintRemoval: "WhenNetworkReady" | "External";
    readonly networkReadinessStrategy: "Taint" | "None";
    /** Undefined: the network plugin's pods are those of the known plugins' DaemonSets. */
    readonly networkPodSelector: Readonly<Record<string, string>> | undefined;
  };
  readonly preWarm: {
    readonly timeoutMs: number;
    readonly timeoutAction: "stop" | "terminate";
    readonly completionMode: "SelfStop" | "ControllerStop";
    readonly images: readonly string[];
    /** Whose DaemonSets' images count as the pool's own; includes `kube-system`. */
    readonly requiredNamespaces: readonly string[];
    readonly imagePullPolicy: "Required" | "BestEffort";
    /** 0: standby instances do not expire. */
    readonly maxAgeMs: number;
    readonly refresh: { readonly maxUnavailable: number };
  };
  readonly standby: {
    readonly nodeObject: "Keep" | "Delete";
  };
  readonly scaleUp: {
    readonly startTimeoutMs: number;
    /** Whether to launch for demand that standby cannot serve, as far as `poolSize` allows. */
    readonly overflow: "Launch" | "None";
    /** Quantities by resource name, for pods without requests. */
    readonly defaultPodResources: { readonly requests: Readonly<Record<string, string>> };
  };
  readonly scaleDown: {
    readonly enabled: boolean;
    readonly emptyNodeTtlMs: number;
    readonly surplusStandbyTtlMs: number;
    readonly drainTimeoutMs: number;
  };
  readonly disruption: {
    /** A percentage, such as `10%`, is of the running nodes. */
    readonly maxUnavailable: number | string;
    /** How long a drain waits for protected pods; 0: not at all. */
    readonly protectedPodTimeoutMs: number;
    /** Undefined: no limit. */
    readonly maxReuses: number | undefined;
    /** Undefined: no limit. */
    readonly maxDiskPercent: number | undefined;
  };
  readonly spotReplacement: {
    readonly enabled: boolean;
    readonly replacementDelayMs: number;
  };
}

/**
 * The class matters for one default only: Bottlerocket has no shell to power itself off, so its warmup ends by ControllerStop. Throws a RangeError
 * that names the field if a duration is invalid, which the CRD rules out.
 */
export const poolSpecOf = ({ metadata, spec }: NodePool, nodeClass?: AWSNodeClass): PoolSpec => ({
  poolSize: spec.poolSize,
  minStandby: spec.minStandby,
  paused: spec.paused ?? false,
  dryRun: spec.dryRun ?? false,
  weight: spec.weight ?? 0,
  reconciliationIntervalMs: parseDuration(spec.reconciliationInterval ?? "30s", "spec.reconciliationInterval"),
  maxNodeRuntimeMs: parseDuration(spec.maxNodeRuntime ?? "0", "spec.maxNodeRuntime"),
  template: {
    nodeClassRef: { name: spec.template.nodeClassRef.name },
    labels: { ...spec.template.labels, [LABEL.pool]: metadata.name },
    taints: spec.template.taints ?? [],
    startupTaints: spec.template.startupTaints ?? [],
    startupTaintRemoval: spec.template.startupTaintRemoval ?? "WhenNetworkReady",
    networkReadinessStrategy: spec.template.networkReadinessStrategy ?? "Taint",
    networkPodSelector: spec.template.networkPodSelector,
  },
  preWarm: preWarmOf(spec.preWarm ?? {}, nodeClass),
  standby: { nodeObject: spec.standby?.nodeObject ?? "Keep" },
  scaleUp: {
    startTimeoutMs: parseDuration(spec.scaleUp?.startTimeout ?? "2m", "spec.scaleUp.startTimeout"),
    overflow: spec.scaleUp?.overflow ?? "Launch",
    defaultPodResources: { requests: defaultRequests(spec.scaleUp?.defaultPodResources) },
  },
  scaleDown: {
    enabled: spec.scaleDown?.enabled ?? true,
    emptyNodeTtlMs: parseDuration(spec.scaleDown?.emptyNodeTTL ?? "5m", "spec.scaleDown.emptyNodeTTL"),
    surplusStandbyTtlMs: parseDuration(spec.scaleDown?.surplusStandbyTTL ?? "24h", "spec.scaleDown.surplusStandbyTTL"),
    drainTimeoutMs: parseDuration(spec.scaleDown?.drainTimeout ?? "5m", "spec.scaleDown.drainTimeout"),
  },
  disruption: {
    maxUnavailable: spec.disruption?.maxUnavailable ?? "10%",
    protectedPodTimeoutMs: parseDuration(
      spec.disruption?.protectedPodTimeout ?? "24h",
      "spec.disruption.protectedPodTimeout",
    ),
    maxReuses: spec.disruption?.maxReuses,
    maxDiskPercent: spec.disruption?.maxDiskPercent,
  },
  spotReplacement: {
    enabled: spec.spotReplacement?.enabled ?? false,
    replacementDelayMs: parseDuration(
      spec.spotReplacement?.replacementDelay ?? "2m",
      "spec.spotReplacement.replacementDelay",
    ),
  },
});

const preWarmOf = (
  preWarm: NonNullable<NodePoolSpec["preWarm"]>,
  nodeClass: AWSNodeClass | undefined,
): PoolSpec["preWarm"] => {
  const selfStops = nodeClass?.spec.bootstrapTemplate !== "Bottlerocket";
  return {
    timeoutMs: parseDuration(preWarm.timeout ?? "10m", "spec.preWarm.timeout"),
    timeoutAction: preWarm.timeoutAction ?? "stop",
    completionMode: preWarm.completionMode ?? (selfStops ? "SelfStop" : "ControllerStop"),
    images: preWarm.images ?? [],
    requiredNamespaces: ["kube-system", ...(preWarm.requiredNamespaces ?? [])],
    imagePullPolicy: preWarm.imagePullPolicy ?? "Required",
    maxAgeMs: parseDuration(preWarm.maxAge ?? "0", "spec.preWarm.maxAge"),
    refresh: { maxUnavailable: preWarm.refresh?.maxUnavailable ?? 1 },
  };
};

/** As for containers, a limit is the request of a resource without one. */
const defaultRequests = ({
  requests,
  limits,
}: NonNullable<NonNullable<NodePoolSpec["scaleUp"]>["defaultPodResources"]> = {}): Record<string, string> =>
  asStrings({ ...limits, ...requests });

/** Manifests may have `cpu: 2`; everywhere else in Kubernetes a quantity is a string. */
const asStrings = (quantities: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(quantities).map(([name, quantity]) => [name, String(quantity)]));

const notReadyTaint = ({ template }: PoolSpec): readonly Taint[] =>
  template.networkReadinessStrategy === "Taint" ? [TAINT.notReady] : [];

/** Taints that keep pods off a started node for a while, whoever removes them. */
export const readinessTaints = (spec: PoolSpec): readonly Taint[] => [
  ...spec.template.startupTaints,
  ...notReadyTaint(spec),
];

/** Those of them that Stratos removes, once the node's network is ready. */
export const networkTaints = (spec: PoolSpec): readonly Taint[] =>
  spec.template.startupTaintRemoval === "External" ? notReadyTaint(spec) : readinessTaints(spec);

/** Whether a taint that goes once the node is up still keeps pods off it. */
export const isShutToPods = (node: KubeNode, spec: PoolSpec): boolean =>
  readinessTaints(spec).some((taint) => node.spec?.taints?.some((other) => sameTaint(taint, other)));
