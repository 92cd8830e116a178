/** CloudWatch names and units of everything that is measured, in one place; the namespace is `Stratos`. */
import { MetricUnit } from "@aws-lambda-powertools/metrics";

export const METRICS = {
  nodes: { name: "Nodes", unit: MetricUnit.Count },
  desiredStandby: { name: "DesiredStandby", unit: MetricUnit.Count },
  /** Of a zone's nodes, how many in a hundred are standby. */
  standbyShare: { name: "StandbyShare", unit: MetricUnit.Percent },
  poolSize: { name: "PoolSize", unit: MetricUnit.Count },
  scaleUps: { name: "ScaleUps", unit: MetricUnit.Count },
  /** Instances for which EC2 had no capacity, by type, zone and what was asked for. */
  capacityShortages: { name: "CapacityShortages", unit: MetricUnit.Count },
  scaleDowns: { name: "ScaleDowns", unit: MetricUnit.Count },
  scaleUpDuration: { name: "ScaleUpDuration", unit: MetricUnit.Milliseconds },
  /** Nodes drained because EC2 found their host or guest broken, or wants the host back, by what it was. */
  impairedInstances: { name: "InstanceTroubles", unit: MetricUnit.Count },
  /** Nodes that did not become Ready in time, by what was done about it. */
  startTimeouts: { name: "StartTimeouts", unit: MetricUnit.Count },
  warmupDuration: { name: "WarmupDuration", unit: MetricUnit.Milliseconds },
  warmupFailures: { name: "WarmupFailures", unit: MetricUnit.Count },
  drainDuration: { name: "DrainDuration", unit: MetricUnit.Milliseconds },
  startupTaintRemovals: { name: "StartupTaintRemovals", unit: MetricUnit.Count },
  startupTaintDuration: { name: "StartupTaintDuration", unit: MetricUnit.Milliseconds },
  /** Of the subnet of a node class that has the fewest left. */
  freeAddresses: { name: "FreeAddresses", unit: MetricUnit.Count },
  reconcileDuration: { name: "ReconcileDuration", unit: MetricUnit.Milliseconds },
  reconcileErrors: { name: "ReconcileErrors", unit: MetricUnit.Count },
  /** Messages and events that could not be read, by where they came in. */
  unreadableMessages: { name: "UnreadableMessages", unit: MetricUnit.Count },
  /** Events about instances that no record names. */
  unknownInstances: { name: "UnknownInstances", unit: MetricUnit.Count },
  /** Wakes a key gave itself beyond what it may in a minute. */
  wakesRefused: { name: "WakesRefused", unit: MetricUnit.Count },
  overdueKeys: { name: "OverdueKeys", unit: MetricUnit.Count },
} as const;

export type MetricName = keyof typeof METRICS;
