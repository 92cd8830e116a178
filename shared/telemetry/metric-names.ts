/** CloudWatch names and units of all metrics; the namespace is `Stratos`. */
import { MetricUnit } from "@aws-lambda-powertools/metrics";

export const METRICS = {
  nodes: { name: "Nodes", unit: MetricUnit.Count },
  desiredStandby: { name: "DesiredStandby", unit: MetricUnit.Count },
  /** The percentage of a zone's nodes that are standby. */
  standbyShare: { name: "StandbyShare", unit: MetricUnit.Percent },
  poolSize: { name: "PoolSize", unit: MetricUnit.Count },
  scaleUps: { name: "ScaleUps", unit: MetricUnit.Count },
  /** Instances for which EC2 had no capacity, by type, zone and operation. */
  capacityShortages: { name: "CapacityShortages", unit: MetricUnit.Count },
  scaleDowns: { name: "ScaleDowns", unit: MetricUnit.Count },
  scaleUpDuration: { name: "ScaleUpDuration", unit: MetricUnit.Milliseconds },
  /** Nodes drained because EC2 reported the instance impaired or scheduled an event for it, by cause. */
  impairedInstances: { name: "InstanceTroubles", unit: MetricUnit.Count },
  /** Nodes that did not become Ready in time, by the action taken. */
  startTimeouts: { name: "StartTimeouts", unit: MetricUnit.Count },
  warmupDuration: { name: "WarmupDuration", unit: MetricUnit.Milliseconds },
  warmupFailures: { name: "WarmupFailures", unit: MetricUnit.Count },
  drainDuration: { name: "DrainDuration", unit: MetricUnit.Milliseconds },
  startupTaintRemovals: { name: "StartupTaintRemovals", unit: MetricUnit.Count },
  startupTaintDuration: { name: "StartupTaintDuration", unit: MetricUnit.Milliseconds },
  /** Free addresses in the node class's subnet with the fewest. */
  freeAddresses: { name: "FreeAddresses", unit: MetricUnit.Count },
  /** 1 while the pool is degraded, by the reason. Like the levels below, it is written again and again for as long as it lasts. */
  degraded: { name: "Degraded", unit: MetricUnit.Count },
  /** How much standby the pool lacks. */
  standbyMissing: { name: "StandbyMissing", unit: MetricUnit.Count },
  /** 1 while a pool that should have standby has none. */
  noStandby: { name: "NoStandby", unit: MetricUnit.Count },
  /** Keys that have failed several times in a row, by the function that reconciles them. */
  failingKeys: { name: "FailingKeys", unit: MetricUnit.Count },
  /** Calls to EC2 that failed for another reason than missing capacity, by operation and code. */
  ec2Errors: { name: "Ec2Errors", unit: MetricUnit.Count },
  reconcileDuration: { name: "ReconcileDuration", unit: MetricUnit.Milliseconds },
  reconcileErrors: { name: "ReconcileErrors", unit: MetricUnit.Count },
  /** Messages and events that could not be parsed, by the function that received them. */
  unreadableMessages: { name: "UnreadableMessages", unit: MetricUnit.Count },
  /** Events for instances without a record. */
  unknownInstances: { name: "UnknownInstances", unit: MetricUnit.Count },
  /** Requeues delayed because the key had used up its five-minute budget. */
  wakesRefused: { name: "WakesRefused", unit: MetricUnit.Count },
  overdueKeys: { name: "OverdueKeys", unit: MetricUnit.Count },
} as const;

export type MetricName = keyof typeof METRICS;
