import type { PoolState } from "./instance-state.ts";
import { isReady, type KubeNode } from "./kubernetes/objects.ts";

/** What a record is about, and what only a move changes. */
type Fixed = "slot" | "version" | "state" | "stateSince" | "reason" | "token" | "instanceType" | "zone";

/** Fields of a record that a reconcile may set; null removes one. */
export type RecordChange = { readonly [K in Exclude<keyof InstanceRecord, Fixed>]?: InstanceRecord[K] | null };

/** What the record of an instance forgets when it is standby again: all that was about the time it was in use. */
export const STANDBY_RESET: RecordChange = {
  startedAt: null,
  demandSince: null,
  readyAt: null,
  emptySince: null,
  restartedAt: null,
  runtimeWarnedAt: null,
  drain: null,
  stopRequestedAt: null,
  stopForcedAt: null,
};

/** Why an instance is running that was to be stopped: pods came that it can serve at once. */
export const RECLAIMED = "DemandReturned";

/**
 * Only what was to be stopped for being empty: whatever else a node is drained for still holds. And only until it is on record that
 * EC2 is asked to stop it, for from then on nothing tells how far that has come.
 */
export const canReclaim = (record: InstanceRecord, node: KubeNode | undefined): boolean =>
  record.state === "stopping" &&
  record.reason === "Empty" &&
  record.stopRequestedAt === undefined &&
  node !== undefined &&
  isReady(node);

export const isReclaimed = ({ reason }: InstanceRecord): boolean => reason === RECLAIMED;

export const STARTED_EXTERNALLY = "StartedFromOutside";

/** On its way back to standby, in effect: nothing has to be launched in its place. */
export const isStartedExternally = ({ state, reason }: InstanceRecord): boolean =>
  state === "running" && reason === STARTED_EXTERNALLY;

/** One slot of the pool, as the table holds it. Times are milliseconds since the epoch. */
export interface InstanceRecord {
  /** 1 to the pool's size. */
  readonly slot: number;
  /** Rises by one with each write; every write names the version it replaces. */
  readonly version: number;
  readonly state: PoolState;
  readonly stateSince: number;
  /** Why it entered its state: `Replenish`, `Demand`, `Empty`, `MaxRuntime`, … */
  readonly reason: TransitionReason;
  /** Client token of the launch that fills this slot. */
  readonly token: string;
  readonly instanceType: string;
  readonly zone: string;
  /** Absent until EC2 answered the launch. */
  readonly instanceId?: string;
  readonly nodeName?: string;
  /** EC2's own time of the latest start, as seen when the instance became standby. */
  readonly launchTime?: number;
  /** When it was last decided to start it. */
  readonly startedAt?: number;
  /** When the oldest pod that this start answers became unschedulable. */
  readonly demandSince?: number;
  /** When the node was first Ready after the latest start. */
  readonly readyAt?: number;
  readonly emptySince?: number;
  /** Since when EC2 has not known the instance. */
  readonly missingSince?: number;
  /** Images that it was launched to pull. */
  readonly images?: readonly string[];
  /** Of what it was made from. Absent for an instance that lost its tags. */
  readonly fingerprint?: string;
  /** When its warmup was completed. */
  readonly warmedAt?: number;
  /**
   * Launched for pods that standby could not serve: to serve them as soon as its node is Ready, or, where it powers itself off
   * after its warmup, to become standby and be started then.
   */
  readonly overflow?: "serve" | "warmUp";
  /** When its warmup was found to take too long. */
  readonly timedOutAt?: number;
  /** When the latest start was begun anew, because the node did not become Ready. */
  readonly restartedAt?: number;
  /** When it was said that `maxNodeRuntime` is about to end. */
  readonly runtimeWarnedAt?: number;
  /** The scheduled event of EC2's that was told of, or that it was stopped for; it is not answered twice. */
  readonly toldEvent?: string;
  readonly leftEvent?: string;
  /** Only while it is drained. */
  readonly drain?: DrainProgress;
  /** When EC2 was first asked to stop it; from then on it cannot be put to work again before it has stopped. */
  readonly stopRequestedAt?: number;
  readonly stopForcedAt?: number;
  /** Of the latest attempt to terminate it, if EC2 refused. */
  readonly refusal?: TerminationRefusal;
}

/** EC2 will not terminate an instance, as while it is protected against that. */
export interface TerminationRefusal {
  readonly count: number;
  readonly at: number;
  readonly message: string;
}

/** When the latest start of an instance was decided, in ms; 0 if it has not been started since its launch. */
export const startOf = ({ startedAt, restartedAt }: InstanceRecord): number => restartedAt ?? startedAt ?? 0;

/** Started, and not Ready since. */
export const isStarting = ({ startedAt, readyAt }: InstanceRecord): boolean =>
  startedAt !== undefined && readyAt === undefined;

/** How far the draining of an instance has come. Times are milliseconds since the epoch. */
export interface DrainProgress {
  /** When evictions were last asked for, and of how many pods. */
  readonly askedAt?: number;
  readonly podCount?: number;
  /** How often in a row that moved no pod. */
  readonly refusals?: number;
  /** When `drainTimeout` cost the remaining pods their grace. */
  readonly timedOutAt?: number;
  /** Since when no pod is left but volumes are. */
  readonly detachingSince?: number;
}

/** Why an instance entered its state, as its record keeps it. Records of earlier versions hold the same words. */
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
  /** Starts that came to nothing. */
  | "InsufficientCapacity"
  | "NotStartable"
  | "NotStarted"
  | "StartTimeout"
  /** Ends of the time in use. */
  | "Empty"
  | "MaxRuntime"
  | "StoppedFromOutside"
  | "NodeUnready"
  | "HostImpaired"
  | "GuestImpaired"
  | "ScheduledEvent"
  /** Ends of standby. */
  | "Stale"
  | "Surplus"
  | "PoolSizeLowered"
  | "PoolDeleted";
