import { Aws } from "aws-cdk-lib";
import { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { Options } from "../options.ts";

/** Sends every alarm of the scope, and its end, to the topic that the context names, or to a new one with the email address as its subscriber. */
export const notifyOfAlarms = (scope: Construct, alarms: NonNullable<Options["alarms"]>): void => {
  const topic =
    "topicArn" in alarms ? Topic.fromTopicArn(scope, "Alarms", alarms.topicArn) : mailTo(scope, alarms.email);
  const action = new SnsAction(topic);
  for (const alarm of scope.node.findAll()) {
    if (!(alarm instanceof Alarm)) continue;
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }
};

const mailTo = (scope: Construct, email: string): ITopic => {
  // Not encrypted with a key: CloudWatch may not use the AWS-managed one, and the messages contain names only.
  const topic = new Topic(scope, "Alarms", { displayName: "Stratos alarms", enforceSSL: true });
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "AlarmsOfThisAccount",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
    }),
  );
  topic.addSubscription(new EmailSubscription(email));
  return topic;
};
