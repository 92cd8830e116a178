/** What demand decided. */
import type { InstanceRecord, StartInVain } from "../model/instance-record.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import type { Offering } from "../model/offering.ts";

interface PlannedNodes {
  readonly pool: string;
  /** The number of pods that these nodes are for. */
  readonly podCount: number;
  /** When the oldest of those pods became unschedulable, in ms since the epoch. */
  readonly demandSince: number;
}

export interface PlannedStart extends PlannedNodes {
  /** `PodBound`: the scheduler has bound the pods to these nodes, although they are standby. */
  readonly reason: "Demand" | "PodBound";
  /** Standby instances to start, and `stopping` instances to reclaim: those are still running and need no start. */
  readonly records: readonly InstanceRecord[];
  /** The pods for each record, in the order of `records`. */
  readonly pods: readonly (readonly KubePod[])[];
}

export interface PlannedLaunch extends PlannedNodes {
  readonly offering: Offering;
  /** The pods for each node to launch. */
  readonly pods: readonly (readonly KubePod[])[];
}

/** Pods that wait for one pool. */
export interface PendingPods {
  readonly pool: string;
  /** Those that its nodes on their way are for, and those that it could run if it had more nodes. */
  readonly podCount: number;
  /** Those of them that no node is on its way for. */
  readonly unservedCount: number;
}

/** A node that was started for pods in vain: pods equivalent to them back off. */
export interface PlannedBackoff {
  readonly pool: string;
  readonly record: InstanceRecord;
  readonly pods: readonly KubePod[];
  readonly start: StartInVain;
}

export interface DemandPlan {
  /** The pods that have a node, in an order in which the scheduler can bind each to its node. */
  readonly placed: readonly KubePod[];
  readonly starts: readonly PlannedStart[];
  /** Launches for pods that standby cannot serve. */
  readonly launches: readonly PlannedLaunch[];
  /** Pods that only have to wait: a node that was started earlier has room for them. */
  readonly waiting: readonly { readonly pod: KubePod; readonly record: InstanceRecord }[];
  readonly backoffs: readonly PlannedBackoff[];
  /** Only pools that pods wait for. */
  readonly pending: readonly PendingPods[];
  /** Equivalent pods that no node is on its way for, and the pools that could run them if they had more nodes: one at least. */
  readonly unserved: readonly { readonly pods: readonly KubePod[]; readonly pools: readonly string[] }[];
  /** Pods that no pool can run, with the reason in each pool. */
  readonly unschedulable: readonly { readonly pod: KubePod; readonly reasons: readonly string[] }[];
}
