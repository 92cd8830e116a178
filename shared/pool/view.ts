/** What a reconcile saw of one pool: everything the planner may know. */
import type { PoolSpec } from "../api/defaults.ts";
import type { Ec2Instance, InstanceTrouble } from "../aws/ec2.ts";
import type { Condition, KubeNode, KubePod } from "../kube/objects.ts";
import type { ZoneCount } from "../kube/zone-census.ts";
import type { PoolLaunch } from "../nodeclass/launch-template.ts";
import type { LaunchRequest } from "./request.ts";
import type { PoolState } from "./state-machine.ts";
import type { WarmupTrouble } from "./warmup-trouble.ts";

/** One slot of the pool, as the table holds it. Times are milliseconds since the epoch. */
export interface InstanceRecord {
  /** 1 to the pool's size. */
  readonly slot: number;
  /** Rises by one with each write; every write names the version it replaces. */
  readonly version: number;
  readonly state: PoolState;
  readonly stateSince: number;
  /** Why it entered its state: `Replenish`, `Demand`, `Empty`, `MaxRuntime`, … */
  readonly reason: string;
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
  readonly refusal?: Refusal;
}

/** EC2 will not terminate an instance, as while it is protected against that. */
export interface Refusal {
  readonly count: number;
  readonly at: number;
  readonly message: string;
}

/** When the latest start of an instance was decided, in ms; 0 if it has not been started since its launch. */
export const startOf = ({ startedAt, restartedAt }: InstanceRecord): number => restartedAt ?? startedAt ?? 0;

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

export interface Instance<S extends PoolState = PoolState> {
  readonly record: InstanceRecord & { readonly state: S };
  /** Absent while EC2 does not (yet, or any more) know it. */
  readonly ec2?: Ec2Instance;
  /** What EC2 finds wrong with it; looked for while it runs. */
  readonly trouble?: InstanceTrouble;
  readonly node?: KubeNode;
  /** Every pod bound to the node, read after the node; only for states in which pods matter (running, stopping, terminating). */
  readonly pods: readonly KubePod[];
  /** VolumeAttachments of the node that are still there. */
  readonly attachedVolumes: number;
}

/** An instance that no record names, with its node if it has one. */
export interface Stray extends Ec2Instance {
  readonly node?: KubeNode;
}

export interface PoolView {
  readonly cluster: string;
  readonly name: string;
  /** Undefined for a pool that is gone. */
  readonly uid: string | undefined;
  readonly now: number;
  readonly spec: PoolSpec;
  readonly generation: number;
  readonly deleting: boolean;
  readonly finalizers: readonly string[];
  readonly conditions: readonly Condition[];
  readonly nodeClass:
    | { readonly kind: "ready"; readonly launch: PoolLaunch }
    | { readonly kind: "missing" }
    /** The class is in order, but this pool cannot be launched from it. */
    | { readonly kind: "invalid"; readonly message: string }
    | { readonly kind: "notReady"; readonly message: string };
  /** Images that an instance launched now has to have pulled before it is standby. */
  readonly images: readonly string[];
  /** Of what an instance launched now would be made from; undefined while nothing can be launched. */
  readonly fingerprint: string | undefined;
  /** Whether pods wait that the pool's standby would suit; undefined where nobody had to look. */
  readonly podsWait: boolean | undefined;
  /** Undefined since the last warmup that succeeded. */
  readonly warmupTrouble: WarmupTrouble | undefined;
  /** What demand asks for beyond standby. */
  readonly request: LaunchRequest | undefined;
  /** Nodes of the cluster's zones; empty where the pool keeps no node objects in standby. */
  readonly zones: ReadonlyMap<string, ZoneCount>;
  readonly instances: { readonly [S in PoolState]: readonly Instance<S>[] };
  /** EC2 instances tagged as this pool's that no record names and no pending launch explains. */
  readonly strays: readonly Stray[];
}

export const allInstances = (view: PoolView): readonly Instance[] => Object.values(view.instances).flat();

export const livingStrays = ({ strays }: PoolView): readonly Stray[] =>
  strays.filter(({ state }) => state !== "terminated" && state !== "shutting-down");
