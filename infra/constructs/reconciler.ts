import { Duration } from "aws-cdk-lib";
import { RecursiveLoop } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import { BATCH_SIZE, FUNCTION_TIMEOUT_MS, LEASE_MS, MAX_DELAY_MS, MAX_RECEIVES } from "../../shared/model/limits.ts";
import type { NetworkProps } from "../deployment.ts";
import type { Options } from "../options.ts";
import { consumePermission } from "../permissions/state.ts";
import { raiseAlarm } from "./alarm.ts";
import { ControllerFunction } from "./controller-function.ts";
import { createDeadLetterQueue, createQueue } from "./queues.ts";

export interface ReconcilerProps {
  readonly kind: ReconcilerKind;
  readonly purpose: string;
  readonly functionsFolder: string;
  readonly memoryMiB: number;
  /** Concurrent invocations; each one processes up to ten keys. */
  readonly maxConcurrency: number;
  readonly network: NetworkProps | undefined;
  readonly options: Options;
}

/** SQS counts a message's age from when it was sent, so one that was sent with the longest delay is young until it is older than that. */
const MAX_MESSAGE_AGE = Duration.millis(MAX_DELAY_MS).plus(Duration.minutes(10));

/** A reconciler: its queue of keys, the function that processes them, and the dead-letter queue. */
export class Reconciler extends Construct {
  readonly kind: ReconcilerKind;
  readonly queue: Queue;
  readonly worker: ControllerFunction;

  constructor(scope: Construct, id: string, props: ReconcilerProps) {
    super(scope, id);
    const { kind, purpose, functionsFolder, memoryMiB, maxConcurrency, network, options } = props;
    this.kind = kind;
    const deadLetterQueue = createDeadLetterQueue(this, "DeadLetters", `keys that function ${kind} could not process`);
    this.queue = createQueue(this, "Queue", {
      visibilityTimeout: Duration.millis(LEASE_MS),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    this.worker = new ControllerFunction(this, "Worker", {
      name: kind,
      purpose,
      functionsFolder,
      memoryMiB,
      timeout: Duration.millis(FUNCTION_TIMEOUT_MS),
      network,
      options,
      maxConcurrency,
      // Reconcilers wake themselves and each other through SQS indefinitely; Lambda would stop that as a recursive loop.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    this.worker.allow(consumePermission(this.queue));
    // Not `addEventSource`, which also grants what the pollers do not need.
    this.worker.function.addEventSourceMapping("Keys", {
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxConcurrency,
      reportBatchItemFailures: true,
    });
    raiseAlarm(this, "TooOld", {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: "Maximum" }),
      threshold: MAX_MESSAGE_AGE.toSeconds(),
      periods: 3,
      summary: `Keys have been waiting for function ${kind} for more than 10 minutes since they were due`,
      runbook: "queue-too-old",
    });
  }
}
