/** What demand is decided from. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { DaemonSet, KubeNode, KubePod, Labels, ResourceList } from "../model/kubernetes/objects.ts";
import type { CsiNode, PersistentVolume, PersistentVolumeClaim, StorageClass } from "../model/kubernetes/storage.ts";
import type { LaunchCapacity } from "../model/offering.ts";

/** A started node that is not Ready by then holds demand back no longer. */
export const STARTING_FOR_MS = 60_000;

/** One that is launched has to boot for the first time, and to become standby and be started where it powers itself off. */
const LAUNCHING_FOR_MS = 5 * 60_000;

/** Until when a node's room holds demand back, in ms; one that is Ready by then does so as long as it is not open for pods. */
export const inFlightUntil = (
  { overflow, state, stateSince, startedAt }: InstanceRecord,
  { preWarm }: PoolSpec,
): number => {
  if (state !== "warmup") return (startedAt ?? 0) + STARTING_FOR_MS;
  return stateSince + (overflow === "warmUp" ? preWarm.timeoutMs : LAUNCHING_FOR_MS);
};

/** An instance that runs, with its node. */
export interface StartedNode {
  readonly record: InstanceRecord;
  readonly node?: KubeNode;
  /** Pods bound to it. */
  readonly pods: readonly KubePod[];
}

export interface DemandPool {
  readonly name: string;
  readonly uid: string | undefined;
  readonly spec: PoolSpec;
  /**
   * What a node of the pool offers whose own object does not say, from a node like it or from its instance type; undefined while
   * nothing is known, then a node takes one pod.
   */
  readonly capacity: ResourceList | undefined;
  /** Stopped instances. */
  readonly standby: readonly InstanceRecord[];
  /** Running ones whose room the scheduler's verdicts do not cover: started lately, or not open for pods yet. */
  readonly started: readonly StartedNode[];
  /** On their way back to standby but still running, so that they can be had at once. They are taken before standby. */
  readonly stopping: readonly StartedNode[];
  /** What can be had once standby is used up. */
  readonly launchCapacity: LaunchCapacity;
  /** Node objects of the pool by name. */
  readonly nodes: ReadonlyMap<string, KubeNode>;
}

/** What stands around the pods and the pools. Each part is needed for some pods only, and may be empty where there are none of these. */
export interface ClusterContext {
  /** Nodes outside the pools: for pods that are spread, or have pod affinity or anti-affinity. */
  readonly nodes: readonly KubeNode[];
  /**
   * Bound pods, but for those of `started` and `stopping` nodes: the pods that the selectors of pending pods count, and those with
   * required anti-affinity of their own, which keep others away.
   */
  readonly pods: readonly KubePod[];
  /** Labels of namespaces by name: for terms with a `namespaceSelector`. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** All of the cluster: their pods take room on every new node. */
  readonly daemonSets: readonly DaemonSet[];
  /**
   * Of pending pods, and of pods on `started` and `stopping` nodes when some pending pod has a claim too. Undefined if they were not
   * read; then volumes keep no pod from a node.
   */
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly storageClasses: readonly StorageClass[];
  readonly csiNodes: readonly CsiNode[];
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
  readonly now: number;
  /** Pods without a node; those that are no demand are passed over. */
  readonly pods: readonly KubePod[];
  readonly pools: readonly DemandPool[];
  readonly context: ClusterContext;
}
