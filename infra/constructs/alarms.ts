/**
 * Alarms on Stratos's own metrics, over all clusters and pools, because pools come and go without a deployment; the dashboard and the logs name the
 * pool. They are on levels, which are written every minute for as long as something is wrong (shared/reconcilers/record-levels.ts), not on
 * counts of failures: retries of what stays broken become rare, and the count would fall.
 */
import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { METRICS, type MetricName } from "../../shared/telemetry/metric-names.ts";
import { type AlarmProps, raiseAlarm } from "./alarm.ts";

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);

const over = (statistic: "SUM" | "MAX", metric: MetricName, period: Duration, where = ""): MathExpression =>
  new MathExpression({ expression: `SELECT ${statistic}(${METRICS[metric].name}) FROM "Stratos"${where}`, period });

const because = (...reasons: string[]): string =>
  ` WHERE ${reasons.map((reason) => `Reason = '${reason}'`).join(" OR ")}`;

/** Reasons with an alarm of their own. */
const butFor = (...reasons: string[]): string =>
  ` WHERE ${reasons.map((reason) => `Reason != '${reason}'`).join(" AND ")}`;

type Level = Omit<AlarmProps, "threshold"> & Partial<Pick<AlarmProps, "threshold">>;

/** The sweep may be late by some seconds, so that a minute may be without a value. */
const POOL_LEVELS: Readonly<Record<string, Level>> = {
  StandbyBelowTarget: {
    metric: over("MAX", "standbyMissing", MINUTE),
    periods: 6,
    inPeriods: 5,
    summary: "A pool has had less standby than desired for 5 minutes",
    runbook: "standby-below-target",
  },
  NoStandby: {
    metric: over("MAX", "noStandby", MINUTE),
    periods: 3,
    inPeriods: 2,
    summary: "A pool has had no standby for 2 minutes: the next pods wait for instances to be launched",
    runbook: "no-standby",
  },
  WarmupsFailing: {
    metric: over("MAX", "degraded", FIVE_MINUTES, because("WarmupFailing")),
    summary: "Instances of a pool fail to warm up",
    runbook: "warmups-failing",
  },
  PoolAtCapacity: {
    metric: over("MAX", "degraded", FIVE_MINUTES, because("AtCapacity")),
    periods: 2,
    summary: "Pods wait for a pool whose poolSize is used up",
    runbook: "pool-at-capacity",
  },
  PoolDegraded: {
    metric: over("MAX", "degraded", FIVE_MINUTES, butFor("WarmupFailing", "AtCapacity")),
    periods: 2,
    summary: "A pool has been degraded for 10 minutes",
    runbook: "pool-degraded",
  },
};

/** Single interruptions are what spot instances are like; so many at once leave pools without standby. */
const MANY_INTERRUPTIONS = 10;

/** A count all the same: nothing retries an interruption. */
const SPOT_LEVELS: Readonly<Record<string, Level>> = {
  SpotInterruptions: {
    metric: over("SUM", "spotInterruptions", FIVE_MINUTES),
    threshold: MANY_INTERRUPTIONS,
    summary: `EC2 has interrupted ${MANY_INTERRUPTIONS} spot instances or more within 5 minutes`,
    runbook: "spot-interruptions",
  },
};

const CONTROLLER_LEVELS: Readonly<Record<string, Level>> = {
  KeyKeepsFailing: {
    metric: over("MAX", "failingKeys", FIVE_MINUTES),
    periods: 2,
    summary: "The reconciles of a pool, a node class or a cluster's demand keep failing",
    runbook: "key-keeps-failing",
  },
  // A failing key is retried every 5 minutes at the latest, so its errors reach each period.
  ReconcileErrors: {
    metric: over("SUM", "reconcileErrors", Duration.minutes(10)),
    periods: 3,
    summary: "Reconciles have failed again and again for half an hour",
    runbook: "reconcile-errors",
  },
  Ec2Errors: {
    metric: over("SUM", "ec2Errors", FIVE_MINUTES),
    periods: 3,
    summary: "EC2 has refused calls in each of three periods of 5 minutes",
    runbook: "ec2-api-errors",
  },
  WakesRefused: {
    metric: over("SUM", "wakesRefused", FIVE_MINUTES),
    summary: "A key requeued itself more often than allowed and is being slowed down",
    runbook: "wakes-refused",
  },
};

const MAX_SCALE_UP = Duration.seconds(60);

export const raiseFleetAlarms = (scope: Construct, clusterNames: readonly string[]): void => {
  for (const [id, level] of Object.entries({ ...POOL_LEVELS, ...SPOT_LEVELS, ...CONTROLLER_LEVELS }))
    raiseAlarm(scope, id, { threshold: 1, ...level });
  for (const cluster of clusterNames) raiseScaleUpAlarm(scope, cluster);
};

/** By cluster: CloudWatch computes the percentile of one metric only. */
const raiseScaleUpAlarm = (scope: Construct, cluster: string): void => {
  raiseAlarm(scope, `ScaleUpSlow-${cluster}`, {
    metric: new Metric({
      namespace: "Stratos",
      metricName: METRICS.scaleUpDuration.name,
      dimensionsMap: { Cluster: cluster },
      statistic: "p95",
      period: Duration.minutes(15),
    }),
    threshold: MAX_SCALE_UP.toMilliseconds(),
    summary: `In cluster ${cluster}, one in 20 nodes takes longer than a minute from pending pods to Ready`,
    runbook: "scale-up-slow",
  });
};
