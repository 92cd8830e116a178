import { Duration } from "aws-cdk-lib";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { METRICS, type MetricName } from "../../shared/telemetry/metric-names.ts";
import { raiseAlarm } from "./alarm.ts";

/** Alarms on Stratos's own metrics, summed over all clusters and pools; the logs and the dashboard show which one is affected. */
export const raiseFleetAlarms = (scope: Construct): void => {
  raiseAlarm(scope, "ReconcileErrors", {
    metric: sumOverAll("reconcileErrors", Duration.minutes(1)),
    threshold: 1,
    periods: 5,
    summary: "Reconciles have failed in each of the last 5 minutes",
    runbook: "reconcile-errors",
  });
  raiseAlarm(scope, "WarmupFailures", {
    metric: sumOverAll("warmupFailures", Duration.minutes(15)),
    threshold: 3,
    summary: "At least 3 instances failed to warm up within 15 minutes",
    runbook: "warmup-failures",
  });
  raiseAlarm(scope, "WakesRefused", {
    metric: sumOverAll("wakesRefused", Duration.minutes(5)),
    threshold: 1,
    summary: "A key requeued itself more often than allowed and is being slowed down",
    runbook: "wakes-refused",
  });
};

/** Pools are unknown when the stack is deployed, so the alarm sums the metric over all dimensions. */
const sumOverAll = (metric: MetricName, period: Duration): MathExpression =>
  new MathExpression({ expression: `SELECT SUM(${METRICS[metric].name}) FROM "Stratos"`, period });
