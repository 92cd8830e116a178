import { Duration } from "aws-cdk-lib";
import { Dashboard, GraphWidget, type IMetric, MathExpression, TextWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";
import { METRICS, type MetricName } from "../../shared/telemetry/metric-names.ts";
import type { ControllerFunction } from "./controller-function.ts";
import type { Reconciler } from "./reconciler.ts";

export interface DashboardProps {
  readonly cluster: string;
  readonly reconcilers: readonly Reconciler[];
  readonly functions: readonly ControllerFunction[];
}

const PERIOD = Duration.minutes(1);
/** The dashboard has 24 columns. */
const WIDTH = 24;
/** EC2's code for too many requests ("Error codes for the Amazon EC2 API"). */
const THROTTLED = 'Code="RequestLimitExceeded"';

/** The page `Stratos-<cluster>`: what the cluster's pools do and lack, then what all clusters share. */
export const createDashboard = (scope: Construct, { cluster, reconcilers, functions }: DashboardProps): Dashboard => {
  const page = pageOf(cluster);
  return new Dashboard(scope, `Dashboard-${cluster}`, {
    dashboardName: `Stratos-${cluster}`,
    defaultInterval: Duration.hours(3),
    widgets: [
      ...pools(page),
      ...failures(page),
      [new TextWidget({ markdown: "## EC2, queues and functions of all clusters", width: WIDTH, height: 1 })],
      ...sharedParts(page, reconcilers, functions),
    ],
  });
};

const pools = ({ each }: Page): GraphWidget[][] => [
  [
    graph("Instances by pool and state", each("nodes", "Maximum")),
    graph(
      "Standby against desired standby",
      each("nodes", "Maximum", 'State="standby"'),
      each("desiredStandby", "Maximum"),
    ),
  ],
  [
    graph(
      "Scale-up, pending pods to Ready: p50, p95, p99 (ms)",
      ...(["p50", "p95", "p99"] as const).map((share) => each("scaleUpDuration", share)),
    ),
    graph("Scale-ups and scale-downs", each("scaleUps", "Sum"), each("scaleDowns", "Sum")),
  ],
  [
    graph("Warmups: p50 and p95 (ms)", each("warmupDuration", "p50"), each("warmupDuration", "p95")),
    graph("Failed warmups, by reason", each("warmupFailures", "Sum")),
  ],
  [
    graph("Drains: p50 and p95 (ms)", each("drainDuration", "p50"), each("drainDuration", "p95")),
    graph("Missing capacity, by type and zone", each("capacityShortages", "Sum")),
  ],
];

const failures = ({ each }: Page): GraphWidget[][] => [
  [
    graph("Degraded pools, by reason", each("degraded", "Maximum")),
    graph("Missing standby", each("standbyMissing", "Maximum"), each("noStandby", "Maximum")),
  ],
  [
    graph(
      "Keys that keep failing, and errors of reconciles",
      each("failingKeys", "Maximum"),
      each("reconcileErrors", "Sum"),
    ),
    graph("Nodes that failed", each("startTimeouts", "Sum"), each("impairedInstances", "Sum")),
  ],
  [
    graph("Reconciles: p95 (ms)", each("reconcileDuration", "p95")),
    graph("Free addresses of a class's fullest subnet", each("freeAddresses", "Minimum")),
  ],
  [
    graph("Spot interruptions, by notice", each("spotInterruptions", "Sum")),
    graph("Lead of the next node before a spot interruption (ms)", each("spotInterruptionLead", "Minimum")),
  ],
];

const sharedParts = (
  { each }: Page,
  reconcilers: readonly Reconciler[],
  functions: readonly ControllerFunction[],
): GraphWidget[][] => {
  const ofFunctions = (metric: "metricDuration" | "metricErrors" | "metricThrottles", statistic: string) =>
    functions.map((it) => it.function[metric]({ period: PERIOD, statistic }));
  const age = { period: PERIOD, statistic: "Maximum" };
  return [
    [
      graph("EC2 errors, by operation and code", each("ec2Errors", "Sum")),
      graph("EC2 throttles, by operation", each("ec2Errors", "Sum", THROTTLED)),
    ],
    [
      graph(
        "Age of the oldest waiting key (s)",
        ...reconcilers.map(({ queue }) => queue.metricApproximateAgeOfOldestMessage(age)),
      ),
      graph("Functions: p95 (ms)", ...ofFunctions("metricDuration", "p95")),
    ],
    [
      graph("Errors of functions", ...ofFunctions("metricErrors", "Sum")),
      graph("Throttles of functions", ...ofFunctions("metricThrottles", "Sum")),
    ],
    [
      graph("Overdue keys", each("overdueKeys", "Maximum")),
      graph("Slowed keys, unreadable messages", each("wakesRefused", "Sum"), each("unreadableMessages", "Sum")),
    ],
  ];
};

const graph = (title: string, ...left: IMetric[]): GraphWidget => new GraphWidget({ title, left, width: WIDTH / 2 });

type Statistic = "Sum" | "Maximum" | "Minimum" | "p50" | "p95" | "p99";

interface Page {
  /**
   * One line for each pool, reason and so on, whatever the metric's first set of dimensions is, that exists when the dashboard is viewed. Only those
   * of the page's cluster, if clusters are told apart.
   */
  each(metric: MetricName, statistic: Statistic, where?: string): IMetric;
}

const pageOf = (cluster: string): Page => ({
  each: (metric, statistic, where) => {
    const { name, by } = METRICS[metric];
    const [dimensions]: readonly (readonly string[])[] = by;
    const own = dimensions?.includes("Cluster") ? [`Cluster="${cluster}"`] : [];
    const terms = [`{Stratos,${dimensions?.join(",")}}`, `MetricName="${name}"`, ...own, ...(where ? [where] : [])];
    return new MathExpression({
      expression: `SEARCH('${terms.join(" ")}', '${statistic}')`,
      period: PERIOD,
      label: "",
    });
  },
});
