import type { PoolState } from "./instance-state.ts";
import { isReadySince } from "./kubernetes/condition-freshness.ts";
import { isOnHold, isReady, type KubeNode } from "./kubernetes/objects.ts";

/** Fields that are fixed for the life of a record, or that only a transition changes. */
type Fixed = "slot" | "version" | "state" | "stateSince" | "reason" | "token" | "zone";

/** The fields of a record that a reconcile may set; null removes a field. */
export type RecordChange = { readonly [K in Exclude<keyof InstanceRecord, Fixed>]?: InstanceRecord[K] | null };

/** Removes everything about the time in use when an instance returns to standby. */
export const STANDBY_RESET: RecordChange = {
  startedAt: null,
  demandSince: null,
  readyAt: null,
  openedAt: null,
  pods: null,
  emptySince: null,
  nodeMissingSince: null,
  restartedAt: null,
  runtimeWarnedAt: null,
  replacementAwaitedSince: null,
  drain: null,
  stopRequestedAt: null,
  stoppingSince: null,
  stopForcedAt: null,
};

/** The reason of an instance that was stopping and runs again, because pods arrived that it can serve at once. */
export const RECLAIMED = "DemandReturned";

/** The record of a stopped instance as it will be once the type is changed. */
export const resizedTo = (record: InstanceRecord, instanceType: string): InstanceRecord => ({
  ...record,
  instanceType,
  resizedFrom: record.instanceType,
});

/**
 * Only an instance that is stopping because it was empty: any other reason to drain it still applies. And only before its record says that
 * EC2 was asked to stop it: from then on it is unknown how far the stop has progressed.
 */
export const canReclaim = (record: InstanceRecord, node: KubeNode | undefined): boolean =>
  record.state === "stopping" &&
  record.reason === "Empty" &&
  record.stopRequestedAt === undefined &&
  node !== undefined &&
  !isOnHold(node) &&
  isReady(node);

export const isReclaimed = ({ reason }: InstanceRecord): boolean => reason === RECLAIMED;

export const STARTED_EXTERNALLY = "StartedFromOutside";

/** Such an instance will return to standby, so nothing has to be launched in its place. */
export const isStartedExternally = ({ state, reason }: InstanceRecord): boolean =>
  state === "running" && reason === STARTED_EXTERNALLY;

/** One slot of a pool, as stored in the table. Times are milliseconds since the epoch. */
export interface InstanceRecord {
  /** 1 to the pool's size. */
  readonly slot: number;
  /** Incremented by each write; a write succeeds only if it names the current version. */
  readonly version: number;
  readonly state: PoolState;
  readonly stateSince: number;
  /** Why it entered its state: `Replenish`, `Demand`, `Empty`, `MaxRuntime`, … */
  readonly reason: TransitionReason;
  /** Client token of the launch that fills this slot. */
  readonly token: string;
  readonly instanceType: string;
  /**
   * The type that it had before its latest change of type, until its node has booted with the new one: its type in EC2 may still have to be changed, and
   * what its node reports is of that other type.
   */
  readonly resizedFrom?: string;
  /** When EC2 last refused to change its type. */
  readonly resizeRefusedAt?: number;
  readonly zone: string;
  /** Absent until EC2 has answered the launch. */
  readonly instanceId?: string;
  readonly nodeName?: string;
  /** EC2's launch time of the latest start, as observed when the instance became standby. */
  readonly launchTime?: number;
  /** The boot ID that its node showed then: kubelet reports another one with each boot. */
  readonly bootId?: string;
  /** When the latest start was decided. */
  readonly startedAt?: number;
  /** How often it has gone into service. */
  readonly starts?: number;
  /** When the oldest of the pods that the start is for became unschedulable. */
  readonly demandSince?: number;
  /** When the node was first Ready after the latest start, and its network was, unless that took too long. */
  readonly readyAt?: number;
  /** When the node opened to pods after the latest start: Ready, and its startup taints were about to go or gone. */
  readonly openedAt?: number;
  /** `namespace/name` of the pods that the latest start is for. */
  readonly pods?: readonly string[];
  /** The starts of this instance that were in vain for some of those pods. They outlast its time in use. */
  readonly startsInVain?: readonly StartInVain[];
  readonly emptySince?: number;
  /** Since when EC2 has not known the instance. */
  readonly missingSince?: number;
  /** Since when it has been running without a node object. */
  readonly nodeMissingSince?: number;
  /** The images that its warmup pulls and that `preWarm.imagePullPolicy` is about. */
  readonly images?: readonly string[];
  /** The images that its warmup pulls if it can. */
  readonly optionalImages?: readonly string[];
  /** Fingerprint of the launch configuration. Absent for an instance that lost its tags. */
  readonly fingerprint?: string;
  /** When its warmup was completed. */
  readonly warmedAt?: number;
  /**
   * Set if it was launched for pods that standby could not serve. `serve`: runs them as soon as its node is Ready. `warmUp`: powers itself
   * off after its warmup, becomes standby, and is started then.
   */
  readonly overflow?: "serve" | "warmUp";
  /** When its warmup exceeded `preWarm.timeout`. */
  readonly timedOutAt?: number;
  /** When the instance was restarted because its node did not become Ready. */
  readonly restartedAt?: number;
  /** When the warning was emitted that `maxNodeRuntime` is about to end. */
  readonly runtimeWarnedAt?: number;
  /** Since when the node is due because of `maxNodeRuntime` and waits for standby that can take its pods. */
  readonly replacementAwaitedSince?: number;
  /** The id of the EC2 scheduled event that was reported, and of the one that the instance was stopped for: each is handled once. */
  readonly toldEvent?: string;
  readonly leftEvent?: string;
  /** Only while it is being drained. */
  readonly drain?: DrainProgress;
  /** When EC2 was first asked to stop it. From then on it cannot be reclaimed; it has to stop first. */
  readonly stopRequestedAt?: number;
  /** Since when EC2 has been stopping it although it is running: somebody else stops it, or it is restarted. */
  readonly stoppingSince?: number;
  readonly stopForcedAt?: number;
  /** Starts in a row after which its node was not Ready, because EC2 undid them or the instance powered itself off. */
  readonly startFailures?: StartFailures;
  /** Set if EC2 refused the latest attempt to terminate it. */
  readonly refusal?: TerminationRefusal;
}

/** The scheduler had no node for pods although the node that was started for them was open. */
export interface StartInVain {
  /** Of equivalent pods. */
  readonly key: string;
  /** How often in a row nodes were started for such pods in vain. */
  readonly count: number;
  /** When that was noticed, in ms since the epoch. */
  readonly at: number;
}

export interface StartFailures {
  readonly count: number;
  readonly at: number;
  /** EC2's words. */
  readonly message: string;
}

/** EC2 refuses to terminate an instance, for example because of termination protection. */
export interface TerminationRefusal {
  readonly count: number;
  readonly at: number;
  readonly message: string;
}

/** When the latest start of an instance was decided, in ms; 0 if it has not been started since its launch. */
export const startOf = ({ startedAt, restartedAt }: InstanceRecord): number => restartedAt ?? startedAt ?? 0;

const hasBootedSince = ({ status }: KubeNode, { bootId }: InstanceRecord): boolean => {
  const shown = status?.nodeInfo?.bootID;
  return bootId !== undefined && shown !== undefined && shown !== bootId;
};

/** Whether kubelet has reported the node Ready since its latest start, by its times or, if the machine's clock is behind, by its boot. */
export const isReadySinceStart = (node: KubeNode, record: InstanceRecord): boolean =>
  isReadySince(node, startOf(record)) || (isReady(node) && hasBootedSince(node, record));

/** Started, and not Ready since, or without its network. */
export const isStarting = ({ startedAt, readyAt }: InstanceRecord): boolean =>
  startedAt !== undefined && readyAt === undefined;

/** Whether a warming instance waits for its pods before its power goes. */
export const isDraining = ({ drain }: InstanceRecord): boolean => drain?.since !== undefined;

/** Progress of a drain. Times are milliseconds since the epoch. */
export interface DrainProgress {
  /** When it began, if not with the state: at the end of a warmup, or when no protected pod was waited for any more. */
  readonly since?: number;
  /** Since when protected pods have been waited for. */
  readonly protectedSince?: number;
  /** When evictions were last requested, and for how many pods. */
  readonly askedAt?: number;
  readonly podCount?: number;
  /** How often in a row the evictions removed no pod. */
  readonly refusals?: number;
  /** When `drainTimeout` ended: the remaining pods are deleted instead of evicted. */
  readonly timedOutAt?: number;
  /** Since when no pods are left, but volumes are still attached. */
  readonly detachingSince?: number;
}

/** Why an instance entered its state. The values are stored, so they never change. */
export type TransitionReason =
  /** Launches. */
  | "Replenish"
  | "Refresh"
  | "Overflow"
  | "Adopted"
  /** The end of a warmup. */
  | "WarmupCompleted"
  | "WarmupFailed"
  | "WarmupTimeout"
  /** Starts. */
  | "Demand"
  | "DemandReturned"
  | "PodBound"
  | "StartedFromOutside"
  /** Failed starts. */
  | "InsufficientCapacity"
  | "NotStartable"
  | "ResizeRefused"
  | "NotStarted"
  | "StartFailed"
  | "StartTimeout"
  /** The end of the time in use. */
  | "Empty"
  | "MaxRuntime"
  | "StoppedFromOutside"
  | "NodeUnready"
  | "HostImpaired"
  | "GuestImpaired"
  | "ScheduledEvent"
  | "Interrupted"
  | "Rebalanced"
  | "Retired"
  /** The end of standby. */
  | "Stale"
  | "Surplus"
  | "PoolSizeLowered"
  | "PoolDeleted";
