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
    expect(watched).toHaveLength(5);
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

  test("fire when EC2 interrupts many spot instances, not single ones", () => {
    template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Metrics: [Match.objectLike({ Expression: 'SELECT SUM(SpotInterruptions) FROM "Stratos"' })],
      Threshold: 10,
    });
  });

  test("do not count the delay with which a message was sent as waiting", () => {
    const ages = alarms.filter(({ MetricName }) => MetricName === "ApproximateAgeOfOldestMessage");
    expect(ages.map(({ Threshold }) => Threshold)).toEqual([1500, 1500, 1500]);
  });

  test("fire when the 95th percentile of a cluster's scale-ups is above a minute", () => {
    const slow = alarms.filter(({ ExtendedStatistic }) => ExtendedStatistic === "p95");
    expect(slow.map(({ Dimensions }) => Dimensions)).toEqual([
      [{ Name: "Cluster", Value: "blue" }],
      [{ Name: "Cluster", Value: "green" }],
    ]);
    for (const { Threshold } of slow) expect(Threshold).toBe(60_000);
  });
});

describe("alarms notify", () => {
  const actionsOf = (options: object) => {
    const notifying = synthesized(undefined, options);
    const found = Object.values(notifying.findResources("AWS::CloudWatch::Alarm")).map(({ Properties }) => Properties);
    for (const { AlarmActions, OKActions } of found) expect(OKActions).toEqual(AlarmActions);
    return { notifying, actions: new Set(found.map(({ AlarmActions }) => JSON.stringify(AlarmActions))) };
  };

  test("nobody by default", () => {
    expect(alarms.filter(({ AlarmActions }) => AlarmActions)).toEqual([]);
  });

  test("the topic of the context alarmTopic, all of them, at their end too", () => {
    const topic = "arn:aws:sns:us-east-1:123456789012:pages";
    expect(actionsOf({ alarmTopic: topic }).actions).toEqual(new Set([JSON.stringify([topic])]));
  });

  test("the address of the context alarmEmail, through a topic that only CloudWatch in this account may use", () => {
    const { notifying, actions } = actionsOf({ alarmEmail: "sre@example.org" });
    const [topic] = Object.keys(notifying.findResources("AWS::SNS::Topic"));
    expect(actions).toEqual(new Set([JSON.stringify([{ Ref: topic }])]));
    notifying.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "sre@example.org" });
    notifying.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
          }),
        ]),
      },
    });
  });
});
