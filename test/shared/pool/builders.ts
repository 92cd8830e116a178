/** Builders for views of a pool. Defaults are ordinary; a test overrides what matters to it. */
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import type { Ec2Instance } from "../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { PoolState } from "../../../shared/model/instance-state.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import type { LaunchRequest, RequestedLaunch } from "../../../shared/model/launch-request.ts";
import { ANNOTATION, FINALIZER, LABEL, TAG, TAINT } from "../../../shared/model/names.ts";
import { rfc3339 } from "../../../shared/model/time.ts";
import type { WarmupFailures } from "../../../shared/model/warmup-failures.ts";
import { isShut, runningAnnotations } from "../../../shared/pool/desired-node.ts";
import type { Instance, PoolView } from "../../../shared/pool/view.ts";
import { aNode, aPod, DAY, HOUR, MINUTE, NOW, type NodeOverrides, SECOND } from "./objects.ts";
import { OWN, STANDBY_LABELS } from "./standby-node.ts";

export { aNode, aPod, DAY, HOUR, MINUTE, NOW, SECOND } from "./objects.ts";

/** Sections such as `preWarm` may be given in part. */
export type SpecOverrides = {
  readonly [K in keyof PoolSpec]?: PoolSpec[K] extends object ? Partial<PoolSpec[K]> : PoolSpec[K];
};

export const aSpec = (overrides: SpecOverrides = {}): PoolSpec => ({
  poolSize: 10,
  minStandby: 0,
  paused: false,
  dryRun: false,
  weight: 0,
  reconciliationIntervalMs: 30 * SECOND,
  maxNodeRuntimeMs: 0,
  ...overrides,
  template: {
    nodeClassRef: { name: "workers" },
    labels: { [LABEL.pool]: "workers" },
    taints: [],
    startupTaints: [],
    startupTaintRemoval: "WhenNetworkReady",
    networkReadinessStrategy: "Taint",
    networkPodSelector: undefined,
    ...overrides.template,
  },
  preWarm: {
    timeoutMs: 10 * MINUTE,
    timeoutAction: "stop",
    completionMode: "SelfStop",
    images: [],
    requiredNamespaces: ["kube-system"],
    imagePullPolicy: "Required",
    maxAgeMs: 0,
    refresh: { maxUnavailable: 1 },
    ...overrides.preWarm,
  },
  standby: { nodeObject: "Keep", ...overrides.standby },
  scaleUp: {
    startTimeoutMs: 2 * MINUTE,
    overflow: "Launch",
    defaultPodResources: { requests: {} },
    ...overrides.scaleUp,
  },
  scaleDown: {
    enabled: true,
    emptyNodeTtlMs: 5 * MINUTE,
    surplusStandbyTtlMs: DAY,
    drainTimeoutMs: 5 * MINUTE,
    ...overrides.scaleDown,
  },
  disruption: {
    maxUnavailable: "10%",
    protectedPodTimeoutMs: DAY,
    maxReuses: undefined,
    maxDiskPercent: undefined,
    ...overrides.disruption,
  },
  spotReplacement: { enabled: false, replacementDelayMs: 2 * MINUTE, ...overrides.spotReplacement },
});

let nextSlot = 0;

export const aRecord = <S extends PoolState>(
  state: S,
  overrides: Partial<InstanceRecord> = {},
): InstanceRecord & { state: S } => {
  nextSlot = (nextSlot % 1000) + 1;
  return {
    slot: nextSlot,
    version: 1,
    stateSince: NOW - MINUTE,
    reason: "Replenish",
    token: `stratos-${nextSlot}`,
    instanceType: "m5.large",
    zone: "us-east-1a",
    instanceId: `i-${nextSlot}`,
    nodeName: `node-${nextSlot}`,
    fingerprint: "current",
    ...overrides,
    state,
  };
};

/** EC2's launch time of the latest start. */
const LAUNCHED = NOW - HOUR;

export const anEc2 = (state: Ec2Instance["state"], overrides: Partial<Ec2Instance> = {}): Ec2Instance => ({
  instanceId: "i-0",
  state,
  instanceType: "m5.large",
  zone: "us-east-1a",
  subnetId: "subnet-1",
  imageId: "ami-1",
  privateDnsName: "node-0",
  launchTime: LAUNCHED,
  clientToken: "token",
  amiLaunchIndex: 0,
  stateReason: "",
  spot: false,
  tags: {},
  ...overrides,
});

export interface InstanceOverrides {
  readonly record?: Partial<InstanceRecord>;
  readonly ec2?: Partial<Ec2Instance> | null;
  readonly node?: NodeOverrides | null;
  readonly health?: Instance["health"];
  readonly notice?: Instance["notice"];
  readonly pods?: readonly KubePod[];
  readonly attachedVolumes?: number;
}

const EC2_STATE = {
  warmup: "running",
  standby: "stopped",
  running: "running",
  stopping: "running",
  terminating: "running",
} as const;

/** The annotations that Stratos has written to the node of such a record. */
const annotationsOf = (record: InstanceRecord): Record<string, string> => {
  if (record.state === "standby") {
    const warmed = record.warmedAt !== undefined && { [ANNOTATION.warmupCompleted]: rfc3339(record.warmedAt) };
    return { ...OWN, ...warmed };
  }
  if (record.state !== "running") return {};
  const found = Object.entries(runningAnnotations(record));
  return Object.fromEntries(found.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
};

/** An instance whose EC2 state and node agree with its record. Null omits the EC2 instance or the node. */
export const anInstance = <S extends PoolState>(state: S, overrides: InstanceOverrides = {}): Instance<S> => {
  const record = aRecord(state, { ...(state === "standby" && { launchTime: LAUNCHED }), ...overrides.record });
  const found = { instanceId: record.instanceId ?? "", tags: { [TAG.state]: state } };
  return {
    record,
    ec2: overrides.ec2 === null ? undefined : anEc2(EC2_STATE[state], { ...found, ...overrides.ec2 }),
    node:
      overrides.node === null
        ? undefined
        : aNode(record.nodeName ?? "", {
            labels: state === "standby" ? STANDBY_LABELS : { [LABEL.state]: state, [LABEL.pool]: "workers" },
            cordoned: state === "warmup" ? isShut(record) : state !== "running",
            taints: state === "standby" ? [TAINT.standby, TAINT.notReady] : [],
            annotations: annotationsOf(record),
            ...overrides.node,
          }),
    health: overrides.health,
    notice: overrides.notice,
    pods: overrides.pods ?? [],
    attachedVolumes: overrides.attachedVolumes ?? 0,
  };
};

export const driftedStandby = () => anInstance("standby", { record: { fingerprint: "outdated" } });

/** A running instance with one pod. */
export const aBusyInstance = (record: Partial<InstanceRecord> = {}) =>
  anInstance("running", { record, pods: [aPod("p")] });

/** An instance that was launched for pods that standby could not serve, before it is running or standby. */
export const anOverflowInstance = (overflow: "serve" | "warmUp", overrides: InstanceOverrides = {}) =>
  anInstance("warmup", { ...overrides, record: { overflow, reason: "Overflow", ...overrides.record } });

export const aRequestedLaunch = (count: number, zone = "us-east-1a"): RequestedLaunch => ({
  instanceType: "m5.large",
  zone,
  count,
  demandSince: NOW,
});

export const aLaunchRequest = (overrides: Partial<LaunchRequest> = {}): LaunchRequest => ({
  id: "request",
  askedAt: NOW - SECOND,
  launches: [aRequestedLaunch(3)],
  seen: {},
  ...overrides,
});

/** One failure, 10 s ago; the next launch is 30 s after it. */
export const warmupFailures = (overrides: Partial<WarmupFailures> = {}): WarmupFailures => ({
  failures: 1,
  failedAt: NOW - 10 * SECOND,
  reason: "NodeNeverRegistered",
  message: "i-1 is replaced: its node never registered",
  ...overrides,
});

export const aView = (instances: readonly Instance[] = [], overrides: Partial<PoolView> = {}): PoolView => {
  const inState = <S extends PoolState>(state: S) =>
    instances.filter((instance): instance is Instance<S> => instance.record.state === state);
  return {
    cluster: "test",
    name: "workers",
    uid: "uid-workers",
    now: NOW,
    spec: aSpec(),
    generation: 1,
    deleting: false,
    finalizers: [FINALIZER.nodePool],
    pending: { count: 0, unserved: 0 },
    conditions: [],
    readyGeneration: undefined,
    nodeClass: {
      kind: "ready",
      launch: {
        imageId: "ami-1",
        instanceType: "m5.large",
        instanceTypes: ["m5.large"],
        subnets: [{ id: "subnet-1", zone: "us-east-1a" }],
        securityGroupIds: ["sg-1"],
        instanceProfile: "nodes",
        userDataSource: { own: "#!/bin/sh" },
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
        blockDevices: [],
        options: {},
        userTags: {},
        userData: { userData: "#!/bin/sh" },
      },
    },
    images: [],
    optionalImages: [],
    fingerprint: "current",
    hasNetworkReporter: true,
    hasPendingPods: undefined,
    warmupFailures: undefined,
    request: undefined,
    spotNotices: instances.flatMap(({ notice }) => notice ?? []),
    instances: {
      warmup: inState("warmup"),
      standby: inState("standby"),
      running: inState("running"),
      stopping: inState("stopping"),
      terminating: inState("terminating"),
    },
    zones: new Map(),
    orphans: [],
    ...overrides,
  };
};
