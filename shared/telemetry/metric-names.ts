/**
 * All metrics in CloudWatch's namespace `Stratos`: name, unit, and in `by` the sets of dimensions that they are recorded with. Alarms and
 * dashboards are made from this list.
 */
import type { MetricUnit } from "@aws-lambda-powertools/metrics/types";

const byPool = (...labels: readonly string[]) => [["Cluster", "Pool", ...labels]] as const;
const BY_RECONCILER = [["Cluster", "Function"]] as const;
const BY_FUNCTION = [["Function"]] as const;

interface Metric {
  readonly name: string;
  readonly unit: MetricUnit;
  readonly by: readonly (readonly string[])[];
}

export const METRICS = {
  nodes: { name: "Nodes", unit: "Count", by: byPool("State") },
  desiredStandby: { name: "DesiredStandby", unit: "Count", by: byPool() },
  /** The percentage of a zone's nodes that are standby. */
  standbyShare: { name: "StandbyShare", unit: "Percent", by: byPool("Zone") },
  poolSize: { name: "PoolSize", unit: "Count", by: byPool() },
  scaleUps: { name: "ScaleUps", unit: "Count", by: byPool() },
  /** Instances for which EC2 had no capacity, by type, zone and operation. */
  capacityShortages: { name: "CapacityShortages", unit: "Count", by: byPool("InstanceType", "Zone", "Step") },
  scaleDowns: { name: "ScaleDowns", unit: "Count", by: byPool() },
  scaleUpDuration: { name: "ScaleUpDuration", unit: "Milliseconds", by: [["Cluster", "Pool"], ["Cluster"]] },
  /** Nodes drained because EC2 reported the instance impaired or scheduled an event for it, by cause. */
  impairedInstances: { name: "InstanceTroubles", unit: "Count", by: byPool("Kind") },
  /** Nodes that did not become Ready in time, by the action taken. */
  startTimeouts: { name: "StartTimeouts", unit: "Count", by: byPool("Outcome") },
  warmupDuration: { name: "WarmupDuration", unit: "Milliseconds", by: byPool("Mode") },
  warmupFailures: { name: "WarmupFailures", unit: "Count", by: byPool("Reason") },
  drainDuration: { name: "DrainDuration", unit: "Milliseconds", by: byPool() },
  startupTaintRemovals: { name: "StartupTaintRemovals", unit: "Count", by: byPool("Trigger", "Result") },
  startupTaintDuration: { name: "StartupTaintDuration", unit: "Milliseconds", by: byPool() },
  /** Spot instances that EC2 interrupted or recommended to leave, by its notice; `none` if they were gone without one. */
  spotInterruptions: { name: "SpotInterruptions", unit: "Count", by: byPool("Notice") },
  /** How long before the interruption a node that was started for the pods of a spot instance was open to them. */
  spotInterruptionLead: { name: "SpotInterruptionLead", unit: "Milliseconds", by: byPool() },
  /** Free addresses in the node class's subnet with the fewest. */
  freeAddresses: { name: "FreeAddresses", unit: "Count", by: [["Cluster", "NodeClass"]] },
  /** 1 while the pool is degraded, by the reason. Like the levels below, it is written again and again for as long as it lasts. */
  degraded: { name: "Degraded", unit: "Count", by: byPool("Reason") },
  /** How much standby the pool lacks. */
  standbyMissing: { name: "StandbyMissing", unit: "Count", by: byPool() },
  /** 1 while a pool that should have standby has none. */
  noStandby: { name: "NoStandby", unit: "Count", by: byPool() },
  /** Keys that have failed several times in a row, by the function that reconciles them. */
  failingKeys: { name: "FailingKeys", unit: "Count", by: BY_RECONCILER },
  /** Calls to EC2 that failed for another reason than missing capacity, by operation and code. */
  ec2Errors: { name: "Ec2Errors", unit: "Count", by: [["Operation", "Code"]] },
  reconcileDuration: { name: "ReconcileDuration", unit: "Milliseconds", by: BY_RECONCILER },
  reconcileErrors: { name: "ReconcileErrors", unit: "Count", by: BY_RECONCILER },
  /** Messages and events that could not be parsed, by the function that received them. */
  unreadableMessages: { name: "UnreadableMessages", unit: "Count", by: BY_FUNCTION },
  /** Events for instances without a record. */
  unknownInstances: { name: "UnknownInstances", unit: "Count", by: BY_FUNCTION },
  /** Requeues delayed because the key had used up its five-minute budget. */
  wakesRefused: { name: "WakesRefused", unit: "Count", by: BY_RECONCILER },
  overdueKeys: { name: "OverdueKeys", unit: "Count", by: BY_FUNCTION },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
