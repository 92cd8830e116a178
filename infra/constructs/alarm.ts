import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { Construct } from "constructs";

/** Headings of docs/runbook.md, as their anchors are spelt; a test keeps both in step. */
export type RunbookSection =
  | "dead-letter-queue-not-empty"
  | "forwarder-silent"
  | "function-errors"
  | "function-throttled"
  | "queue-too-old"
  | "reconcile-errors"
  | "wakes-refused"
  | "warmup-failures";

export interface AlarmProps {
  readonly metric: IMetric;
  readonly threshold: number;
  /** One sentence without its full stop: what is wrong. */
  readonly summary: string;
  readonly runbook: RunbookSection;
  /** How many periods in a row; 1 unless given. */
  readonly periods?: number;
  /** Goes off below the threshold instead of at it, and when nothing is reported at all. */
  readonly whenSilent?: boolean;
}

/** An alarm whose description leads to the page that says what to do. */
export const raiseAlarm = (scope: Construct, id: string, props: AlarmProps): Alarm =>
  new Alarm(scope, id, {
    metric: props.metric,
    threshold: props.threshold,
    evaluationPeriods: props.periods ?? 1,
    comparisonOperator: props.whenSilent
      ? ComparisonOperator.LESS_THAN_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: props.whenSilent ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    alarmDescription: `${props.summary}. What to do: docs/runbook.md#${props.runbook}`,
  });
