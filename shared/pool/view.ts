/** What a reconcile observed of one pool: everything that the planner may use. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { Ec2Instance, InstanceHealth } from "../model/ec2.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { PoolState } from "../model/instance-state.ts";
import type { BoundPod, Condition, KubeNode, ZoneCount } from "../model/kubernetes/objects.ts";
import type { PoolLaunchConfig } from "../model/launch-config.ts";
import type { LaunchRequest } from "../model/launch-request.ts";
import type { SpotNotice } from "../model/spot-notice.ts";
import type { WarmupFailures } from "../model/warmup-failures.ts";

export interface Instance<S extends PoolState = PoolState> {
  readonly record: InstanceRecord & { readonly state: S };
  /** Absent while EC2 does not know it: not yet, or no longer. */
  readonly ec2?: Ec2Instance;
  /** Failed status checks and scheduled events; read while it runs. */
  readonly health?: InstanceHealth;
  /** EC2's notice that it interrupts the spot instance, or may soon. */
  readonly notice?: SpotNotice;
  readonly node?: KubeNode;
  /**
   * Every pod bound to the node, by the node's recorded name if there is no node object, read after the node; only where pods matter: not for
   * standby, unless it has run meanwhile.
   */
  readonly pods: readonly BoundPod[];
  /** VolumeAttachments of the node that are still there. */
  readonly attachedVolumes: number;
}

/**
 * Whether EC2 shows a later start than that after which the instance became standby: each start changes its launch time. What EC2 shows may be from
 * before ("Ensuring idempotency in Amazon EC2 API requests" and "Eventual consistency in the Amazon EC2 API").
 */
export const hasStartedSince = ({ record, ec2 }: Pick<Instance, "record" | "ec2">): boolean =>
  ec2 !== undefined && ec2.launchTime > (record.launchTime ?? 0);

/** Whether a standby instance has been started and stopped again since its record was written. */
export const wasStartedMeanwhile = (instance: Pick<Instance, "record" | "ec2">): boolean =>
  instance.record.state === "standby" && instance.ec2?.state === "stopped" && hasStartedSince(instance);

/** A managed instance without a record, with its node if it has one. */
export interface Orphan extends Ec2Instance {
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
  /** The newest generation that has had the standby it desires. */
  readonly readyGeneration: number | undefined;
  readonly nodeClass:
    | { readonly kind: "ready"; readonly launch: PoolLaunchConfig }
    | { readonly kind: "missing" }
    /** The class is valid, but this pool cannot be launched from it. */
    | { readonly kind: "invalid"; readonly message: string }
    | { readonly kind: "notReady"; readonly message: string };
  /** Images that an instance launched now has to pull before it becomes standby. */
  readonly images: readonly string[];
  /** Images that it pulls if it can. */
  readonly optionalImages: readonly string[];
  /** Fingerprint of an instance launched now; undefined while nothing can be launched. */
  readonly fingerprint: string | undefined;
  /** Whether the cluster has a DaemonSet that shows or reports whether its nodes' network is ready. */
  readonly hasNetworkReporter: boolean;
  /** Whether pods are pending that could run on the pool's standby; undefined if that did not matter. */
  readonly hasPendingPods: boolean | undefined;
  /** Pods that wait for the pool, as demand last counted them; `unserved`: those that no node is on its way for. */
  readonly pending: { readonly count: number; readonly unserved: number };
  /** Undefined after a warmup that succeeded. */
  readonly warmupFailures: WarmupFailures | undefined;
  /** What demand requests beyond standby. */
  readonly request: LaunchRequest | undefined;
  /** EC2's notices about spot instances of the pool, also about those that are gone. */
  readonly spotNotices: readonly SpotNotice[];
  /** Node counts by zone; empty if the pool keeps no node objects in standby. */
  readonly zones: ReadonlyMap<string, ZoneCount>;
  readonly instances: { readonly [S in PoolState]: readonly Instance<S>[] };
  /** EC2 instances with this pool's tags that neither a record nor a pending launch explains. */
  readonly orphans: readonly Orphan[];
}

export const allInstances = (view: PoolView): readonly Instance[] => Object.values(view.instances).flat();

export const isLiving = ({ state }: Ec2Instance): boolean => state !== "terminated" && state !== "shutting-down";

export const livingOrphans = ({ orphans }: PoolView): readonly Orphan[] => orphans.filter(isLiving);
