/** What was decided about demand. */
import type { InstanceRecord } from "../model/instance-record.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import type { Offering } from "../model/offering.ts";

interface ForPods {
  readonly pool: string;
  /** How many pods these nodes are for. */
  readonly podCount: number;
  /** When the oldest of those pods became unschedulable, in ms. */
  readonly demandSince: number;
}

export interface PlannedStart extends ForPods {
  /** Standby instances, and such as are still `stopping`, which need no start but must be taken back. */
  readonly records: readonly InstanceRecord[];
  /** For each record, in order, the pods it is for. */
  readonly pods: readonly (readonly KubePod[])[];
}

export interface PlannedLaunch extends ForPods {
  readonly offering: Offering;
  /** For each of the nodes to launch, the pods it is for. */
  readonly pods: readonly (readonly KubePod[])[];
}

export interface DemandPlan {
  /** The pods that have a place, in an order in which the scheduler can bind each of them to it. */
  readonly placed: readonly KubePod[];
  readonly starts: readonly PlannedStart[];
  /** What standby cannot serve but a launch can. */
  readonly launches: readonly PlannedLaunch[];
  /** Pods that need nothing but time: a node that was started for them, or for others, has room. */
  readonly waiting: readonly { readonly pod: KubePod; readonly record: InstanceRecord }[];
  /** Pools with pods that their standby could not serve, whether or not a launch does. */
  readonly short: readonly { readonly pool: string; readonly podCount: number }[];
  /** Pods that no pool can run, with what stands against each of them there. */
  readonly unschedulable: readonly { readonly pod: KubePod; readonly reasons: readonly string[] }[];
}
