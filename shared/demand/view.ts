/** What the demand planner decides from. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { InstanceRecord, StartInVain } from "../model/instance-record.ts";
import type { DeviceClass, ResourceClaim } from "../model/kubernetes/devices.ts";
import type { DaemonSet, KubeNode, KubePod, Labels } from "../model/kubernetes/objects.ts";
import type {
  CsiNode,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
} from "../model/kubernetes/storage.ts";
import type { ClassTemplate, LaunchCapacity } from "../model/offering.ts";

/** An instance with its node, if that has an object. */
export interface InstanceWithNode {
  readonly record: InstanceRecord;
  readonly node?: KubeNode | undefined;
}

export interface StartedNode extends InstanceWithNode {
  /** Pods bound to it. */
  readonly pods: readonly KubePod[];
}

export interface ResizableStandby {
  readonly record: InstanceRecord;
  /** The type that it is to be changed to. */
  readonly instanceType: string;
}

export interface DemandPool {
  readonly name: string;
  readonly uid: string | undefined;
  readonly spec: PoolSpec;
  /** Why it starts and launches no nodes; undefined if it does. */
  readonly inactive: "paused" | "dry run" | undefined;
  /** For nodes without a Node object. */
  readonly template: ClassTemplate;
  /** Stopped instances. */
  readonly standby: readonly InstanceRecord[];
  /** Stopped instances that can be started only as another type, which has capacity. They come after all standby that needs no change. */
  readonly resizable: readonly ResizableStandby[];
  /**
   * Standby instances that pods are bound to all the same: they are started whatever else is decided. With the records as they will be once the types of
   * those that have no capacity are changed.
   */
  readonly occupied: readonly StartedNode[];
  /** Standby instances that pods are bound to, but that a person keeps from being started. */
  readonly onHold: readonly StartedNode[];
  /** Instances in flight: the scheduler's verdicts may not cover them yet. */
  readonly started: readonly StartedNode[];
  /** Instances whose nodes have been open to pods for a while, although pods that they were started for still wait. */
  readonly opened: readonly StartedNode[];
  /** What the pool's records know of starts in vain. */
  readonly startsInVain: readonly StartInVain[];
  /** Instances on their way back to standby that still run. They serve at once, so they come before standby. */
  readonly stopping: readonly StartedNode[];
  /** Every slot that `poolSize` allows has an instance, and none of these is or becomes standby. */
  readonly isFull: boolean;
  /** What the pool can launch once standby is used up. */
  readonly launchCapacity: LaunchCapacity;
  /** The mirror pods that kubelet creates on each node, by instance type. */
  readonly staticPods: ReadonlyMap<string, readonly KubePod[]>;
  /** Node objects of the pool by name. */
  readonly nodes: ReadonlyMap<string, KubeNode>;
}

/** The rest of the cluster. Each part matters to some pods only, and may be empty if there are no such pods. */
export interface ClusterContext {
  /** Nodes of no pool in the view: all for pods with topology spread, pod affinity or anti-affinity, else those that pods are nominated to. */
  readonly nodes: readonly KubeNode[];
  /**
   * Bound pods, except those on `started`, `opened` and `stopping` nodes: pods that the selectors of pending pods match, pods whose required
   * anti-affinity excludes pending ones, and pods that use a claim that only one pod can use.
   */
  readonly pods: readonly KubePod[];
  /** Labels by namespace name: for terms with a `namespaceSelector`. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** All DaemonSets of the cluster: their pods take room on every new node. */
  readonly daemonSets: readonly DaemonSet[];
  /**
   * Claims of pending pods and, if any pending pod has a claim, of pods on `started`, `opened` and `stopping` nodes. Undefined if they were not read:
   * then volumes do not restrict where pods run.
   */
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly storageClasses: readonly StorageClass[];
  readonly csiNodes: readonly CsiNode[];
  /** Of drivers that the scheduler asks for their capacity, if a claim is to be provisioned by one. */
  readonly storageCapacities?: readonly CsiStorageCapacity[];
  /**
   * Device classes, and resource claims of the same pods as `claims`. Undefined if no pod needs them, or the cluster does not serve them.
   */
  readonly devices?: { readonly classes: readonly DeviceClass[]; readonly claims: readonly ResourceClaim[] };
}

export const EMPTY_CONTEXT: ClusterContext = {
  nodes: [],
  pods: [],
  namespaces: new Map(),
  daemonSets: [],
  volumes: [],
  storageClasses: [],
  csiNodes: [],
};

export interface DemandView {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Pods without a node; the planner ignores those that are not demand. */
  readonly pods: readonly KubePod[];
  readonly pools: readonly DemandPool[];
  readonly context: ClusterContext;
}
