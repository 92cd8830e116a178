import { Duration, Validations } from "aws-cdk-lib";
import { type IQueue, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { raiseAlarm } from "./alarm.ts";

/** Long enough to look into a failure after a holiday; also the most that SQS keeps. */
const DEAD_LETTER_RETENTION = Duration.days(14);

export const createQueue = (scope: Construct, id: string, props: QueueProps): Queue =>
  new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props });

/** A queue for what could not be dealt with, and an alarm that goes off while anything is in it. */
export const createDeadLetterQueue = (scope: Construct, id: string, holds: string): IQueue => {
  const queue = createQueue(scope, id, { retentionPeriod: DEAD_LETTER_RETENTION });
  // The check knows a dead-letter queue by another queue's redrive policy; EventBridge's have none.
  Validations.of(queue).acknowledge({ id: "AwsSolutions-SQS3", reason: "This is a dead-letter queue." });
  raiseAlarm(scope, `${id}NotEmpty`, {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: "Maximum" }),
    threshold: 1,
    summary: `${holds} lie in a dead-letter queue`,
    runbook: "dead-letter-queue-not-empty",
  });
  return queue;
};
