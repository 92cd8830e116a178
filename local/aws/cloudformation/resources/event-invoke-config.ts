import { ACCOUNT, CloudError } from "../../gateway/service.ts";
import { functionArn } from "../../lambda/environment.ts";
import { assertKnown, type CreateResource, number, physicalName, type StackServices, text } from "../resource.ts";

const KNOWN = ["FunctionName", "Qualifier", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "DestinationConfig"];

/** Lambda checks this when it is told of the destination; the message is Lambda's. */
const assertMaySend = ({ authorizer }: StackServices, roleName: string, queueArn: string) => {
  const authorize = authorizer.for({ arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/destination`, roleName });
  try {
    authorize("sqs:SendMessage", [queueArn]);
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    throw new Error(
      `The function's execution role ${roleName} does not have permissions to call SendMessage on ${queueArn}`,
      { cause: error },
    );
  }
};

/** AWS::Lambda::EventInvokeConfig whose destination, if any, is a queue for failures. */
export const createEventInvokeConfig: CreateResource = (request, services) => {
  assertKnown(request, KNOWN);
  const { lambda, sqs } = services;
  const arn = functionArn(text(request, "FunctionName").split(":").at(-1) ?? "");
  const { OnFailure } = (request.properties.DestinationConfig ?? {}) as { OnFailure?: { Destination: string } };
  const queueArn = OnFailure?.Destination;
  if (queueArn) assertMaySend(services, lambda.roleOf(arn), queueArn);
  lambda.configureAsync(arn, {
    maxAgeMs: number(request, "MaximumEventAgeInSeconds", 21_600) * 1000,
    maxRetries: number(request, "MaximumRetryAttempts", 2),
    ...(queueArn && {
      onFailure: (requestPayload, condition) =>
        sqs.send(queueArn, JSON.stringify({ requestContext: { functionArn: arn, condition }, requestPayload })),
    }),
  });
  return { ref: physicalName(request) };
};
