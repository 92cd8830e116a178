/** Views for table tests: a pool with nothing special about it, and instances that overrides make special. */
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import type { Ec2Instance } from "../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { PoolState } from "../../../shared/model/instance-state.ts";
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { ANNOTATION, LABEL, TAINT } from "../../../shared/model/names.ts";
import { rfc3339 } from "../../../shared/model/time.ts";
import { runningAnnotations } from "../../../shared/pool/desired-node.ts";
import type { Instance, PoolView } from "../../../shared/pool/view.ts";

export const NOW = Date.parse("2026-03-01T12:00:00Z");

export const aSpec = (overrides: Partial<PoolSpec> = {}): PoolSpec => ({
  poolSize: 10,
  minStandby: 0,
  paused: false,
  dryRun: false,
  weight: 0,
  reconciliationIntervalMs: 30_000,
  maxNodeRuntimeMs: 0,
  template: {
    nodeClassRef: { name: "workers" },
    labels: { "stratos.sh/pool": "workers" },
    taints: [],
    startupTaints: [],
    networkReadinessStrategy: "Taint",
    networkPodSelector: undefined,
  },
  preWarm: {
    timeoutMs: 600_000,
    timeoutAction: "stop",
    completionMode: "SelfStop",
    images: [],
    imagePullPolicy: "Required",
    maxAgeMs: 0,
    refresh: { maxUnavailable: 1 },
  },
  standby: { nodeObject: "Keep" },
  scaleUp: { startTimeoutMs: 120_000, overflow: "Launch", defaultPodResources: { requests: {} } },
  scaleDown: { enabled: true, emptyNodeTtlMs: 300_000, surplusStandbyTtlMs: 86_400_000, drainTimeoutMs: 300_000 },
  spotReplacement: { enabled: false, replacementDelayMs: 120_000 },
  ...overrides,
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
    stateSince: NOW - 60_000,
    reason: "Replenish",
    token: `stratos-${nextSlot}`,
    instanceType: "m5.large",
    zone: "us-east-1a",
    instanceId: `i-${nextSlot}`,
    nodeName: `node-${nextSlot}`,
    fingerprint: "made-now",
    ...overrides,
    state,
  };
};

export const anEc2 = (state: Ec2Instance["state"], overrides: Partial<Ec2Instance> = {}): Ec2Instance => ({
  instanceId: "i-0",
  state,
  instanceType: "m5.large",
  zone: "us-east-1a",
  subnetId: "subnet-1",
  imageId: "ami-1",
  privateDnsName: "node-0",
  launchTime: NOW - 3_600_000,
  clientToken: "token",
  amiLaunchIndex: 0,
  stateReason: "",
  spot: false,
  tags: {},
  ...overrides,
});

interface NodeOverrides {
  readonly ready?: boolean;
  /** Since when it is Ready, or not. */
  readonly readySince?: number;
  readonly networkReadySince?: number;
  readonly cordoned?: boolean;
  readonly taints?: readonly { key: string; value?: string; effect: string }[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** On its disk, by the names that kubelet reports. */
  readonly images?: readonly string[];
}

const time = (ms: number) => new Date(ms).toISOString();

export const aNode = (name: string, overrides: NodeOverrides = {}): KubeNode => ({
  metadata: { name, resourceVersion: "7", labels: overrides.labels ?? {}, annotations: overrides.annotations ?? {} },
  spec: { unschedulable: overrides.cordoned ?? false, taints: overrides.taints ?? [] },
  status: {
    images: (overrides.images ?? []).map((image) => ({ names: [image] })),
    conditions: [
      {
        type: "Ready",
        status: (overrides.ready ?? true) ? "True" : "Unknown",
        lastTransitionTime: time(overrides.readySince ?? NOW - 20_000),
        lastHeartbeatTime: time(NOW - 1_000),
      },
      ...(overrides.networkReadySince === undefined
        ? []
        : [{ type: "NetworkingReady", status: "True", lastTransitionTime: time(overrides.networkReadySince) }]),
    ],
  },
});

export const aPod = (
  name: string,
  overrides: { owner?: string; phase?: string; deleting?: boolean; graceEnds?: number } = {},
): KubePod => ({
  metadata: {
    name,
    namespace: "default",
    ...(overrides.owner && { ownerReferences: [{ kind: overrides.owner, name: "owner", controller: true }] }),
    ...(overrides.deleting && { deletionTimestamp: time(overrides.graceEnds ?? NOW) }),
  },
  spec: { containers: [] },
  status: { phase: overrides.phase ?? "Running" },
});

interface InstanceOverrides {
  readonly record?: Partial<InstanceRecord>;
  readonly ec2?: Partial<Ec2Instance> | null;
  readonly node?: NodeOverrides | null;
  readonly health?: Instance["health"];
  readonly pods?: readonly KubePod[];
  readonly attachedVolumes?: number;
}

const OWN_TAINTS = "stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute";

const EC2_STATE = {
  warmup: "running",
  standby: "stopped",
  running: "running",
  stopping: "running",
  terminating: "running",
} as const;

/** What Stratos has written on the node of such a record. */
const annotationsOf = (record: InstanceRecord): Record<string, string> => {
  if (record.state === "standby") {
    const own: Record<string, string> = { [ANNOTATION.ownTaints]: OWN_TAINTS };
    if (record.warmedAt !== undefined) own[ANNOTATION.warmupCompleted] = rfc3339(record.warmedAt);
    return own;
  }
  if (record.state !== "running") return {};
  const found = Object.entries(runningAnnotations(record));
  return Object.fromEntries(found.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
};

/** An instance that stays in its state: EC2 and node agree with the record; null leaves a part out. */
export const anInstance = <S extends PoolState>(state: S, overrides: InstanceOverrides = {}): Instance<S> => {
  const record = aRecord(state, overrides.record);
  const at = { instanceId: record.instanceId ?? "", tags: { "stratos.sh/state": state } };
  return {
    record,
    ec2: overrides.ec2 === null ? undefined : anEc2(EC2_STATE[state], { ...at, ...overrides.ec2 }),
    node:
      overrides.node === null
        ? undefined
        : aNode(record.nodeName ?? "", {
            labels: { [LABEL.state]: state, [LABEL.pool]: "workers" },
            cordoned: state !== "running" && state !== "warmup",
            taints: state === "standby" ? [TAINT.standby, TAINT.notReady] : [],
            annotations: annotationsOf(record),
            ...overrides.node,
          }),
    health: overrides.health,
    pods: overrides.pods ?? [],
    attachedVolumes: overrides.attachedVolumes ?? 0,
  };
};

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
    finalizers: ["stratos.sh/nodepool-finalizer"],
    conditions: [],
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
    fingerprint: "made-now",
    hasPendingPods: undefined,
    warmupFailures: undefined,
    request: undefined,
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
