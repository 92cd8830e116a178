import { describe, expect, test } from "vitest";
import { METRICS } from "../../shared/telemetry/metric-names.ts";
import { synthesized } from "./synthesized.ts";

interface Widget {
  readonly properties: { readonly title?: string; readonly metrics?: readonly (readonly unknown[])[] };
}

/** A template's dashboards by name, with references of the body replaced by their logical ids. */
const dashboardsOf = (clusters: readonly string[]): ReadonlyMap<string, Widget[]> => {
  const found = synthesized(clusters.map((name) => ({ name }))).findResources("AWS::CloudWatch::Dashboard");
  return new Map(
    Object.values(found).map(({ Properties: { DashboardName, DashboardBody } }) => {
      const parts: unknown[] = DashboardBody["Fn::Join"][1];
      const body = parts.map((part) => (typeof part === "string" ? part : "reference")).join("");
      return [DashboardName, JSON.parse(body).widgets];
    }),
  );
};

const dashboards = dashboardsOf(["blue", "green"]);
const blue = dashboards.get("Stratos-blue") ?? [];

const searchesOf = (widgets: readonly Widget[]): string[] =>
  widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .flatMap(([metric]) => (typeof metric === "object" ? [String((metric as { expression: string }).expression)] : []));

const SEARCH =
  /^SEARCH\('\{Stratos,([\w,]+)\} MetricName="(\w+)"( Cluster="\w+")?( \w+=[^']+)?', '(Sum|Maximum|Minimum|p\d\d)'\)$/;

describe("each cluster's dashboard", () => {
  test("shows that cluster's pools only", () => {
    expect([...dashboards.keys()]).toEqual(["Stratos-blue", "Stratos-green"]);
    const ofClusters = searchesOf(blue).filter((search) => search.includes("{Stratos,Cluster"));
    expect(ofClusters.filter((search) => !search.includes('Cluster="blue"'))).toEqual([]);
  });

  test("searches for metrics that exist, by the dimensions that they have", () => {
    const existing = Object.values(METRICS).map(({ name, by }) => `${name} by ${by[0]?.join()}`);
    const unknown = searchesOf(blue).filter((search) => {
      const [, dimensions, name] = SEARCH.exec(search) ?? [];
      return !existing.includes(`${name} by ${dimensions}`);
    });
    expect(unknown).toEqual([]);
  });

  test("has states over time, standby against desired, scale-ups by percentile, warmups, errors, throttles and queues", () => {
    const shown = Object.fromEntries(
      blue.map(({ properties: { title = "", metrics = [] } }) => [title, metrics.map(([metric]) => metric)]),
    );
    const searches = (title: string) =>
      (shown[title] ?? []).map((metric) => (metric as { expression: string }).expression.replace(/^SEARCH|[()]/g, ""));
    expect(searches("Standby against desired standby")).toEqual([
      `'{Stratos,Cluster,Pool,State} MetricName="Nodes" Cluster="blue" State="standby"', 'Maximum'`,
      `'{Stratos,Cluster,Pool} MetricName="DesiredStandby" Cluster="blue"', 'Maximum'`,
    ]);
    expect(searches("Scale-up, pending pods to Ready: p50, p95, p99 (ms)").map((search) => search.slice(-5))).toEqual([
      "'p50'",
      "'p95'",
      "'p99'",
    ]);
    expect(searches("EC2 throttles, by operation")[0]).toContain('Code="RequestLimitExceeded"');
    expect(shown["Age of the oldest waiting key (s)"]).toEqual(["AWS/SQS", "AWS/SQS", "AWS/SQS"]);
    expect(Object.keys(shown)).toEqual(
      expect.arrayContaining([
        "Instances by pool and state",
        "Failed warmups, by reason",
        "EC2 errors, by operation and code",
      ]),
    );
  });
});
