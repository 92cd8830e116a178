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
        graph("Nodes by pool and state", [forEachPool("nodes", "Maximum")]),
        graph("Scale-up duration, maximum (ms)", [forEachPool("scaleUpDuration", "Maximum")]),
      ],
      [
        graph("Scale-ups and scale-downs", [forEachPool("scaleUps", "Sum"), forEachPool("scaleDowns", "Sum")]),
        graph(
          "Failures",
          FAILURES.map((metric) => forEachPool(metric, "Sum")),
        ),
      ],
      [graph("Age of the oldest waiting key (s)", oldest), graph("Function duration, p95 (ms)", durations)],
      [graph("Function errors", errors)],
    ],
  });
};

const graph = (title: string, left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: WIDTH });

/** One line per pool that exists when the dashboard is viewed. */
const forEachPool = (metric: MetricName, statistic: "Sum" | "Maximum"): MathExpression =>
  new MathExpression({
    expression: `SEARCH('Namespace="Stratos" MetricName="${METRICS[metric].name}"', '${statistic}')`,
    period: PERIOD,
    label: "",
  });
