import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

/** Anchors of the headings in docs/runbook.md; a test keeps them in sync. */
export type RunbookSection =
  | "dead-letter-queue-not-empty"
  | "ec2-api-errors"
  | "forwarder-silent"
  | "function-errors"
  | "function-throttled"
  | "key-keeps-failing"
  | "no-standby"
  | "pool-at-capacity"
  | "pool-degraded"
  | "queue-too-old"
  | "reconcile-errors"
  | "scale-up-slow"
  | "spot-interruptions"
  | "standby-below-target"
  | "wakes-refused"
  | "warmups-failing";

export interface AlarmProps {
  readonly metric: IMetric;
  readonly threshold: number;
  /** What is wrong: one sentence without a period. */
  readonly summary: string;
  readonly runbook: RunbookSection;
  /** The number of consecutive periods; defaults to 1. */
  readonly periods?: number;
  /** In how many of `periods` the threshold must be reached; defaults to all of them. */
  readonly inPeriods?: number;
  /** Fires below the threshold instead of at or above it, and when there is no data. */
  readonly whenSilent?: boolean;
}

/** An alarm whose description links to its runbook section. */
export const raiseAlarm = (scope: Construct, id: string, props: AlarmProps): Alarm =>
  new Alarm(scope, id, {
    metric: props.metric,
    threshold: props.threshold,
    evaluationPeriods: props.periods ?? 1,
    datapointsToAlarm: props.inPeriods,
    comparisonOperator: props.whenSilent
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: props.whenSilent ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    alarmDescription: `${props.summary}. Runbook: docs/runbook.md#${props.runbook}`,
  });
