import type { SQSBatchResponse } from "aws-lambda";
import { ACCOUNT, CloudError } from "../../gateway/service.ts";
import { functionArn } from "../../lambda/environment.ts";
import { assertKnown, type CreateResource, number, physicalName, type StackServices, text } from "../resource.ts";

const KNOWN = [
  "FunctionName",
  "EventSourceArn",
  "BatchSize",
  "MaximumBatchingWindowInSeconds",
  "FunctionResponseTypes",
  "ScalingConfig",
  "Enabled",
  "Tags",
];

/** The actions that Lambda's pollers perform with the function's role (Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
const POLLER_ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/** Lambda checks these permissions when it creates the mapping; the message is Lambda's. */
const assertMayPoll = ({ authorizer }: StackServices, roleName: string, queueArn: string) => {
  const authorize = authorizer.for({ arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/mapping`, roleName });
  for (const action of POLLER_ACTIONS) {
    try {
      authorize(action, [queueArn]);
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const call = action.split(":")[1];
      throw new Error(
        `The provided execution role ${roleName} does not have permissions to call ${call} on SQS ${queueArn}`,
        { cause: error },
      );
    }
  }
};

/** AWS::Lambda::EventSourceMapping from an SQS queue. */
export const createEventSourceMapping: CreateResource = (request, services) => {
  assertKnown(request, KNOWN);
  const { FunctionResponseTypes, ScalingConfig, Enabled } = request.properties as {
    FunctionResponseTypes?: readonly string[];
    ScalingConfig?: { MaximumConcurrency?: number };
    Enabled?: boolean;
  };
  const queueArn = text(request, "EventSourceArn");
  const arn = functionArn(text(request, "FunctionName").split(":").at(-1) ?? "");
  assertMayPoll(services, services.lambda.roleOf(arn), queueArn);
  const ref = physicalName(request);
  if (Enabled === false) return { ref };
  const options = {
    batchSize: number(request, "BatchSize", 10),
    batchingWindowMs: number(request, "MaximumBatchingWindowInSeconds", 0) * 1000,
    maximumConcurrency: ScalingConfig?.MaximumConcurrency,
    reportBatchItemFailures: FunctionResponseTypes?.includes("ReportBatchItemFailures") ?? false,
  };
  const stop = services.sqs.consume(
    queueArn,
    options,
    async (Records) => (await services.lambda.invoke(arn, { Records })) as SQSBatchResponse | undefined,
  );
  request.onStop(stop);
  return { ref };
};
