/** What Prometheus and Grafana are given names metrics and labels that the forwarder has, in expressions that PromQL can read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { createMetrics, leaderGauge } from "../../forwarder/metrics.ts";
import { ROOT } from "../../infra/functions.ts";
import { METRICS } from "../../shared/telemetry/metric-names.ts";
import { readPromql } from "./promql.ts";

const text = (path: string) => readFileSync(join(ROOT, "forwarder", path), "utf8");
const yaml = (path: string) => parseAllDocuments(text(path)).map((document) => document.toJS());

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly uid: string };
  readonly targets: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

const [{ spec: ruleSpec }] = yaml("monitoring/rules.yaml");
const rules: Rule[] = ruleSpec.groups.flatMap((group: { rules: Rule[] }) => group.rules);
const dashboard = JSON.parse(text("monitoring/dashboard.json"));
const panels: Panel[] = dashboard.panels;

const expressions: [string, string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }): [string, string] => [`${title} ${refId}`, expr]),
  ),
];

/** The labels of each metric as Prometheus has it after a scrape of a pod. */
const labelsByMetric = new Map<string, readonly string[]>();
const SCRAPED = ["pod", "namespace", "job", "instance"];

beforeAll(() => {
  const metrics = createMetrics({ unschedulablePods: () => 0, pools: () => [] });
  leaderGauge(metrics.registry, () => true);
  for (const metric of metrics.registry.getMetricsAsArray()) {
    const {
      name,
      labelNames = [],
      buckets,
    } = metric as unknown as {
      name: string;
      labelNames?: readonly string[];
      buckets?: readonly number[];
    };
    const names = buckets ? ["_bucket", "_sum", "_count"].map((suffix) => name + suffix) : [name];
    for (const each of names) {
      labelsByMetric.set(each, [...labelNames, ...(each.endsWith("_bucket") ? ["le"] : []), ...SCRAPED]);
    }
  }
});

describe("each expression", () => {
  test.each(expressions)("of %s reads metrics and labels that exist", (_, expression) => {
    const { metrics, labels } = readPromql(expression);
    expect(metrics.length).toBeGreaterThan(0);
    expect(metrics.filter((metric) => !labelsByMetric.has(metric))).toEqual([]);
    const known = metrics.flatMap((metric) => labelsByMetric.get(metric) ?? []);
    expect(labels.filter((label) => !known.includes(label))).toEqual([]);
  });

  test("is found wrong if it is", () => {
    expect(() => readPromql("sum by (pool) (rate(x_total[5m])")).toThrow("unbalanced");
    expect(() => readPromql("summ(x_total)")).toThrow("summ");
    expect(() => readPromql("rate(x_total[5 minutes])")).toThrow("[5 minutes]");
    expect(() => readPromql("x_total{state=standby}")).toThrow("state=standby");
    expect(() => readPromql("x_total y_total")).toThrow("operator");
  });
});

test("every metric of the forwarder is on the dashboard or in an alert", () => {
  const used = new Set(expressions.flatMap(([, expression]) => readPromql(expression).metrics));
  const unused = [...labelsByMetric.keys()].filter((metric) => !used.has(metric) && !/_(sum|count)$/.test(metric));
  expect(unused).toEqual([]);
});

test("docs/monitoring.md lists every metric with its dimensions or labels, and no other", () => {
  const rows = readFileSync(join(ROOT, "docs/monitoring.md"), "utf8").matchAll(/^\| (`.*`) \| (.*) \| .* \|$/gm);
  const listed = [...rows].flatMap(([, names = "", by = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name]) => `${name} by ${by.trim()}`),
  );
  const inCloudWatch = Object.values(METRICS).map(
    ({ name, by }) => `${name} by ${by.map((dimensions) => dimensions.join(", ")).join("; ")}`,
  );
  const inPrometheus = [...labelsByMetric]
    .filter(([name]) => !/_(sum|count)$/.test(name))
    .map(([name, labels]) => {
      const own = labels.filter((label) => label !== "le" && !SCRAPED.includes(label));
      return `${name.replace(/_bucket$/, "")} by ${own.join(", ") || "none"}`;
    });
  expect(listed.sort()).toEqual([...inCloudWatch, ...inPrometheus].sort());
});

test("each alert waits, says what is wrong, and links to a section of the runbook", () => {
  const headings = readFileSync(join(ROOT, "docs/runbook.md"), "utf8").matchAll(/^## (.+)$/gm);
  const anchors = [...headings].map(([, heading = ""]) => heading.toLowerCase().replaceAll(" ", "-"));
  for (const { alert, annotations, labels, for: duration } of rules) {
    expect(alert).toMatch(/^Stratos[A-Z]/);
    expect(duration).toMatch(/^\d+m$/);
    expect(["info", "warning", "critical"]).toContain(labels.severity);
    expect(annotations.summary.length).toBeGreaterThan(20);
    expect(anchors).toContain(annotations.runbook.replace("docs/runbook.md#", ""));
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test("the service monitor finds the service, the service the pods, and both the port", () => {
  const [service] = yaml("monitoring/service.yaml");
  const [monitor] = yaml("monitoring/service-monitor.yaml");
  const [{ spec }] = yaml("manifests/deployment.yaml");
  expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
  expect(spec.template.metadata.labels).toMatchObject(service.spec.selector);
  expect(service.spec.ports.map(({ name }: { name: string }) => name)).toEqual([monitor.spec.endpoints[0].port]);
  expect(spec.template.spec.containers[0].ports[0].name).toBe(service.spec.ports[0].targetPort);
});

test("the dashboard's panels are side by side in Grafana's 24 columns, with legends and the chosen data source", () => {
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  for (const { gridPos, datasource, targets } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    expect(datasource.uid).toBe(`\${${dashboard.templating.list[0].name}}`);
    expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    for (const { legendFormat, expr } of targets) {
      const { labels } = readPromql(expr);
      for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(labels).toContain(label);
    }
  }
});
