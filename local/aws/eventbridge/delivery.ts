import type { Target } from "@aws-sdk/client-eventbridge";
import type { Clock } from "../../clock.ts";
import { type BusEvent, CloudError } from "../gateway/service.ts";
import type { RuleMetrics } from "./rule.ts";

/** Where events are delivered. A function that throws counts as a failed delivery. */
export interface Targets {
  /** `from` identifies the sender, for the queue's policy. */
  sqs(arn: string, body: string, options: { readonly from: { service: string; sourceArn: string } }): unknown;
  /** Queues the event for an asynchronous invocation. */
  lambda(arn: string, event: unknown, options: { readonly from: { service: string; sourceArn: string } }): unknown;
  /** A bus of another account or region, with the target's role; the event keeps its account and region. */
  bus?(arn: string, event: BusEvent, roleArn: string | undefined): unknown;
}

export interface Delivery {
  readonly ruleArn: string;
  readonly target: Target;
  /** The text that the target receives. */
  readonly input: string;
  readonly metrics: RuleMetrics;
}

/** EventBridge's defaults (user guide, "Retrying event delivery"): 185 retries within 24 hours. */
const MAX_RETRIES = 185;
const MAX_AGE_SECONDS = 86_400;
const MAX_BACKOFF_MS = 600_000;
/** Errors that a retry cannot fix; EventBridge does not retry them. */
const PERMANENT = new Set(["AccessDenied", "QueueDoesNotExist", "ResourceNotFoundException", "InvalidTarget"]);

/** Delivers an event and retries with exponential backoff; after the last attempt sends it to the target's dead-letter queue. */
export const deliver = async (clock: Clock, targets: Targets, random: () => number, delivery: Delivery) => {
  const { target, metrics } = delivery;
  const deadline = clock.now() + (target.RetryPolicy?.MaximumEventAgeInSeconds ?? MAX_AGE_SECONDS) * 1000;
  const maxRetries = target.RetryPolicy?.MaximumRetryAttempts ?? MAX_RETRIES;
  for (let attempt = 0; ; attempt += 1) {
    try {
      metrics.invocations += 1;
      await clock.busy(async () => invoke(targets, delivery));
      return;
    } catch (error) {
      const permanent = error instanceof CloudError && PERMANENT.has(error.code);
      const backoffMs = Math.min(MAX_BACKOFF_MS, 500 * 2 ** attempt) * (0.5 + random() / 2);
      if (permanent || attempt >= maxRetries || clock.now() + backoffMs > deadline) {
        metrics.failed += 1;
        return sendToDeadLetter(targets, delivery, error);
      }
      await clock.sleep(backoffMs);
    }
  }
};

const invoke = (targets: Targets, { ruleArn, target, input }: Delivery): unknown => {
  const arn = target.Arn ?? "";
  const from = { service: EVENTS, sourceArn: ruleArn };
  const service = arn.split(":")[2];
  if (service === "sqs") return targets.sqs(arn, input, { from });
  if (service === "lambda") return targets.lambda(arn, JSON.parse(input), { from });
  if (service === "events" && targets.bus) return targets.bus(arn, JSON.parse(input) as BusEvent, target.RoleArn);
  throw new CloudError("InvalidTarget", `Targets of this kind are not simulated: ${arn}`);
};

const EVENTS = "events.amazonaws.com";

const sendToDeadLetter = (targets: Targets, { ruleArn, target, input, metrics }: Delivery, error: unknown): void => {
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
    // EventBridge drops the event if the dead-letter queue rejects it too; `failed` already counts it.
  }
};
