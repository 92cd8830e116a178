import { Duration, Validations } from "aws-cdk-lib";
import { type IQueue, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { raiseAlarm } from "./alarm.ts";

/** Long enough to investigate a failure after a holiday; also SQS's maximum. */
const DEAD_LETTER_RETENTION = Duration.days(14);

export const createQueue = (scope: Construct, id: string, props: QueueProps): Queue =>
  new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props });

/** A dead-letter queue with an alarm that fires while it is not empty. `contents` completes "The dead-letter queue contains …". */
export const createDeadLetterQueue = (scope: Construct, id: string, contents: string): IQueue => {
  const queue = createQueue(scope, id, { retentionPeriod: DEAD_LETTER_RETENTION });
  // cdk-nag recognizes a dead-letter queue by another queue's redrive policy; EventBridge has no such policy.
  Validations.of(queue).acknowledge({ id: "AwsSolutions-SQS3", reason: "This is a dead-letter queue." });
  raiseAlarm(scope, `${id}NotEmpty`, {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: "Maximum" }),
    threshold: 1,
    summary: `The dead-letter queue contains ${contents}`,
    runbook: "dead-letter-queue-not-empty",
  });
  return queue;
};
