import type { Target } from "@aws-sdk/client-eventbridge";
import { CloudError } from "../gateway/service.ts";
import { compilePattern, type Matcher } from "./pattern.ts";
import { compileSchedule, type Schedule } from "./schedule.ts";
import { checkInput } from "./target-input.ts";

export const DEFAULT_BUS = "default";

/** A rule's definition; targets have the form of the API and CloudFormation. */
export interface RuleSpec {
  readonly name: string;
  /** If absent, the default bus. */
  readonly busName?: string;
  readonly description?: string;
  readonly pattern?: unknown;
  /** `rate(…)` or `cron(…)`; only on the default bus. */
  readonly schedule?: string;
  readonly enabled?: boolean;
  readonly targets: readonly Target[];
}

/** The metrics that EventBridge publishes to CloudWatch per rule. */
export interface RuleMetrics {
  matched: number;
  invocations: number;
  failed: number;
  sentToDeadLetter: number;
}

export interface Rule extends RuleSpec {
  readonly busName: string;
  readonly arn: string;
  readonly enabled: boolean;
  readonly spec: RuleSpec;
  readonly matches: Matcher;
  readonly nextAt: Schedule | undefined;
  readonly metrics: RuleMetrics;
}

export const noRuleMetrics = (): RuleMetrics => ({ matched: 0, invocations: 0, failed: 0, sentToDeadLetter: 0 });

/** Compiles a rule; a rate schedule starts at `now`. Throws the errors of PutRule and PutTargets. */
export const compileRule = (spec: RuleSpec, arn: string, now: number, metrics = noRuleMetrics()): Rule => {
  const busName = spec.busName ?? DEFAULT_BUS;
  if (spec.pattern === undefined && spec.schedule === undefined) {
    throw new CloudError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (spec.schedule !== undefined && busName !== DEFAULT_BUS) {
    throw new CloudError("ValidationException", "ScheduleExpression is supported only on the default event bus.");
  }
  spec.targets.forEach(checkInput);
  return {
    ...spec,
    busName,
    arn,
    enabled: spec.enabled ?? true,
    spec,
    matches: spec.pattern === undefined ? () => false : compilePattern(spec.pattern),
    nextAt: spec.schedule === undefined ? undefined : compileSchedule(spec.schedule, now),
    metrics,
  };
};
