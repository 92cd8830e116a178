import type { Target } from "@aws-sdk/client-eventbridge";
import type { Clock } from "../../clock.ts";
import { CloudError } from "../gateway/service.ts";
import type { RuleMetrics } from "./rule.ts";

/** Where events go. A throw is a failed delivery. */
export interface Targets {
  /** `from` says whose delivery it is, for the queue's policy. */
  sqs(arn: string, body: string, options: { readonly from: { service: string; sourceArn: string } }): unknown;
  /** Hands the event over for an asynchronous invocation. */
  lambda(arn: string, event: unknown, options: { readonly from: { service: string; sourceArn: string } }): unknown;
}

export interface Delivery {
  readonly ruleArn: string;
  readonly target: Target;
  /** What the target gets, as text. */
  readonly input: string;
  readonly metrics: RuleMetrics;
}

/** EventBridge's defaults (user guide, "Retrying event delivery"): 185 retries within 24 hours. */
const MOST_RETRIES = 185;
const OLDEST_SECONDS = 86_400;
const LONGEST_BACKOFF_MS = 600_000;
/** Errors that no retry mends: EventBridge gives up at once. */
const PERMANENT = new Set(["AccessDenied", "QueueDoesNotExist", "ResourceNotFoundException", "InvalidTarget"]);

/** Delivers once, then again with exponential backoff; at the end the target's dead-letter queue gets the event. */
export const deliver = async (clock: Clock, targets: Targets, random: () => number, delivery: Delivery) => {
  const { target, metrics } = delivery;
  const giveUpAt = clock.now() + (target.RetryPolicy?.MaximumEventAgeInSeconds ?? OLDEST_SECONDS) * 1000;
  const mostRetries = target.RetryPolicy?.MaximumRetryAttempts ?? MOST_RETRIES;
  for (let attempt = 0; ; attempt += 1) {
    try {
      metrics.invocations += 1;
      await clock.busy(async () => hand(targets, delivery));
      return;
    } catch (error) {
      const permanent = error instanceof CloudError && PERMANENT.has(error.code);
      const backoffMs = Math.min(LONGEST_BACKOFF_MS, 500 * 2 ** attempt) * (0.5 + random() / 2);
      if (permanent || attempt >= mostRetries || clock.now() + backoffMs > giveUpAt) {
        metrics.failed += 1;
        return bury(targets, delivery, error);
      }
      await clock.sleep(backoffMs);
    }
  }
};

const hand = (targets: Targets, { ruleArn, target, input }: Delivery): unknown => {
  const arn = target.Arn ?? "";
  const from = { service: EVENTS, sourceArn: ruleArn };
  const service = arn.split(":")[2];
  if (service === "sqs") return targets.sqs(arn, input, { from });
  if (service === "lambda") return targets.lambda(arn, JSON.parse(input), { from });
  throw new CloudError("InvalidTarget", `No target of this kind is simulated: ${arn}`);
};

const EVENTS = "events.amazonaws.com";

const bury = (targets: Targets, { ruleArn, target, input, metrics }: Delivery, error: unknown): void => {
  const deadLetterArn = target.DeadLetterConfig?.Arn;
  if (!deadLetterArn) return;
  const text = (value: string | undefined) => ({ DataType: "String", StringValue: value ?? "" });
  const attributes = {
    RULE_ARN: text(ruleArn),
    TARGET_ARN: text(target.Arn),
    ERROR_CODE: text(error instanceof CloudError ? error.code : "SDK_CLIENT_ERROR"),
    ERROR_MESSAGE: text(error instanceof Error ? error.message : String(error)),
  };
  try {
    const options = { from: { service: EVENTS, sourceArn: ruleArn }, attributes };
    targets.sqs(deadLetterArn, input, options);
    metrics.sentToDeadLetter += 1;
  } catch {
    // EventBridge drops what even the dead-letter queue refuses; `failed` has counted it.
  }
};
