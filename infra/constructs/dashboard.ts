import { Duration } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IMetric, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { METRICS, type MetricName } from "../../shared/telemetry/metric-names.ts";
import type { ControllerFunction } from "./controller-function.ts";
import type { Reconciler } from "./reconciler.ts";

export interface DashboardProps {
  readonly reconcilers: readonly Reconciler[];
  readonly functions: readonly ControllerFunction[];
}

const PERIOD = Duration.minutes(1);
/** The dashboard has 24 columns. */
const WIDTH = 12;

const SHARES = ["p50", "p95", "p99"] as const;
type Share = (typeof SHARES)[number];

const FAILURES = ["warmupFailures", "startTimeouts", "impairedInstances", "reconcileErrors"] as const;

/** One page: pool activity, waiting keys, function failures. */
export const createDashboard = (scope: Construct, { reconcilers, functions }: DashboardProps): Dashboard => {
  const oldest = reconcilers.map(({ queue }) => queue.metricApproximateAgeOfOldestMessage({ period: PERIOD }));
  const durations = functions.map((it) => it.function.metricDuration({ period: PERIOD, statistic: "p95" }));
  const errors = functions.map((it) => it.function.metricErrors({ period: PERIOD }));
  return new Dashboard(scope, "Dashboard", {
    defaultInterval: Duration.hours(3),
    widgets: [
      [
        graph("Nodes by pool and state", [each("nodes", "Maximum")]),
        graph(
          "Scale-up duration, p50, p95 and p99 (ms)",
          SHARES.map((share) => eachPool("scaleUpDuration", share)),
        ),
      ],
      [
        graph("Degraded pools, by reason", [each("degraded", "Maximum")]),
        graph("Missing standby", [each("standbyMissing", "Maximum"), each("noStandby", "Maximum")]),
      ],
      [
        graph("Keys that keep failing", [each("failingKeys", "Maximum")]),
        graph("EC2 errors, by operation and code", [each("ec2Errors", "Sum")]),
      ],
      [
        graph("Scale-ups and scale-downs", [each("scaleUps", "Sum"), each("scaleDowns", "Sum")]),
        graph(
          "Failures",
          FAILURES.map((metric) => each(metric, "Sum")),
        ),
      ],
      [graph("Age of the oldest waiting key (s)", oldest), graph("Function duration, p95 (ms)", durations)],
      [graph("Function errors", errors)],
    ],
  });
};

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: WIDTH });

/** One line per pool, cluster, reason and so on, whatever the metric's dimensions are, that exists when the dashboard is viewed. */
const each = (metric: MetricName, statistic: "Sum" | "Maximum"): MathExpression =>
  search(`Namespace="Stratos" MetricName="${METRICS[metric].name}"`, statistic);

/** For a metric that is also recorded by cluster. */
const eachPool = (metric: MetricName, statistic: Share): MathExpression =>
  search(`{Stratos,Cluster,Pool} MetricName="${METRICS[metric].name}"`, statistic);

const search = (terms: string, statistic: string): MathExpression =>
  new MathExpression({ expression: `SEARCH('${terms}', '${statistic}')`, period: PERIOD, label: "" });
