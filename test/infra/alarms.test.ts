import { readFileSync } from "node:fs";
import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { synthesized } from "./synthesized.ts";

const template = synthesized([{ name: "blue" }, { name: "green" }]);
const alarms = Object.values(template.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => Properties);

const anchors = () => {
  const headings = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8").matchAll(/^## (.+)$/gm);
  return [...headings].map(([, heading]) =>
    String(heading)
      .toLowerCase()
      .replaceAll(/[^\w -]/g, "")
      .replaceAll(" ", "-"),
  );
};

describe("alarms", () => {
  test("link to a runbook section, and every section has an alarm", () => {
    const sections = alarms.map(({ AlarmDescription }) => AlarmDescription.split("docs/runbook.md#")[1]);
    expect([...new Set(sections)].sort()).toEqual(anchors().sort());
  });

  test("fire when a dead-letter queue is not empty, one alarm per queue", () => {
    const watched = alarms.filter(({ MetricName }) => MetricName === "ApproximateNumberOfMessagesVisible");
    expect(watched).toHaveLength(4);
  });

  test("fire when a cluster's forwarder has been silent for 5 minutes, even if it has never sent anything", () => {
    const silent = alarms.filter(({ MetricName }) => MetricName === "MatchedEvents");
    expect(silent).toHaveLength(2);
    for (const alarm of silent) {
      expect(alarm).toMatchObject({
        Period: 60,
        EvaluationPeriods: 5,
        Statistic: "Sum",
        Threshold: 1,
        ComparisonOperator: "LessThanThreshold",
        TreatMissingData: "breaching",
      });
    }
  });

  test("fire for errors of every function", () => {
    expect(alarms.filter(({ MetricName }) => MetricName === "Errors")).toHaveLength(5);
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Metrics: [Match.objectLike({ Expression: 'SELECT SUM(ReconcileErrors) FROM "Stratos"' })],
    });
  });
});
