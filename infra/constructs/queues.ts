import { Duration, Validations } from "aws-cdk-lib";
import { type IQueue, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { raiseAlarm } from "./alarm.ts";

/** Long enough to investigate a failure after a holiday; also SQS's maximum. */
const DEAD_LETTER_RETENTION = Duration.days(14);

export const createQueue = (scope: Construct, id: string, props: QueueProps): Queue =>
  new Queue(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, ...props });

/** A dead-letter queue with an alarm that fires while it has `threshold` messages. `contents` completes "The dead-letter queue contains …". */
export const createDeadLetterQueue = (
  scope: Construct,
  id: string,
  contents: string,
  { retention = DEAD_LETTER_RETENTION, threshold = 1 } = {},
): IQueue => {
  const queue = createQueue(scope, id, { retentionPeriod: retention });
  // cdk-nag recognizes a dead-letter queue by another queue's redrive policy; EventBridge and Lambda have no such policy.
  Validations.of(queue).acknowledge({ id: "AwsSolutions-SQS3", reason: "This is a dead-letter queue." });
  raiseAlarm(scope, `${id}NotEmpty`, {
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: "Maximum" }),
    threshold,
    summary: `The dead-letter queue contains ${contents}`,
    runbook: "dead-letter-queue-not-empty",
  });
  return queue;
};
