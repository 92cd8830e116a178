import { Duration } from "aws-cdk-lib";
import { RecursiveLoop } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import type { Network } from "../deployment.ts";
import { consumePermission } from "../permissions/state.ts";
import { raiseAlarm } from "./alarm.ts";
import { ControllerFunction } from "./controller-function.ts";
import { createDeadLetterQueue, createQueue } from "./queues.ts";

export interface ReconcilerProps {
  readonly kind: ReconcilerKind;
  readonly purpose: string;
  readonly functionsFolder: string;
  readonly memoryMiB: number;
  /** Keys worked on at once are at most ten times as many. */
  readonly maxConcurrency: number;
  readonly network: Network | undefined;
}

const TIMEOUT = Duration.seconds(60);
/** As long as a lease: a message that is seen again finds its key's worker done or its lease expired. */
const VISIBILITY_TIMEOUT = Duration.seconds(75);
/** A key that fails is tried again by message and by sweep; past this its message only stands in the way. */
const MAX_RECEIVES = 20;
/** SQS's own maximum for Lambda without a batching window. */
const BATCH_SIZE = 10;
/** The sweep rings every minute, so a message this old means that nobody works. */
const TOO_OLD = Duration.minutes(10);

/** A reconciler: its queue of keys, the function that works them off, and what is left over. */
export class Reconciler extends Construct {
  readonly kind: ReconcilerKind;
  readonly queue: Queue;
  readonly worker: ControllerFunction;

  constructor(scope: Construct, id: string, props: ReconcilerProps) {
    super(scope, id);
    const { kind, purpose, functionsFolder, memoryMiB, maxConcurrency, network } = props;
    this.kind = kind;
    const deadLetterQueue = createDeadLetterQueue(this, "DeadLetters", `Keys that ${kind} could not reconcile`);
    this.queue = createQueue(this, "Queue", {
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: MAX_RECEIVES },
    });
    this.worker = new ControllerFunction(this, "Worker", {
      name: kind,
      purpose,
      functionsFolder,
      memoryMiB,
      timeout: TIMEOUT,
      network,
      // It wakes itself and the others by message, for ever: Lambda would take that for a runaway loop and stop it.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    this.worker.allow(consumePermission(this.queue));
    this.worker.function.addEventSource(
      new SqsEventSource(this.queue, { batchSize: BATCH_SIZE, maxConcurrency, reportBatchItemFailures: true }),
    );
    raiseAlarm(this, "TooOld", {
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: "Maximum" }),
      threshold: TOO_OLD.toSeconds(),
      periods: 3,
      summary: `Keys have waited for ${kind} for 10 minutes`,
      runbook: "queue-too-old",
    });
  }
}
