import { ACCOUNT, REGION } from "../../gateway/service.ts";
import { assertKnown, type CreateResource, number, physicalName, text } from "../resource.ts";

interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

const KNOWN = [
  "QueueName",
  "DelaySeconds",
  "VisibilityTimeout",
  "RedrivePolicy",
  "MessageRetentionPeriod",
  "SqsManagedSseEnabled",
  "KmsMasterKeyId",
  "Tags",
];

/** AWS::SQS::Queue. Ignores the template's retention period (messages expire after SQS's default of 4 days) and encryption. */
export const createQueue: CreateResource = (request, { sqs }) => {
  assertKnown(request, KNOWN);
  const redrive = request.properties.RedrivePolicy as RedrivePolicy | undefined;
  const name = text(request, "QueueName", physicalName(request));
  const { url, arn } = sqs.create({
    name,
    delaySeconds: number(request, "DelaySeconds", 0),
    visibilityTimeout: number(request, "VisibilityTimeout", 30),
    redrive: redrive && {
      deadLetterArn: redrive.deadLetterTargetArn,
      maxReceiveCount: Number(redrive.maxReceiveCount),
    },
  });
  return { ref: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
};

const arnOfUrl = (url: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${url.split("/").at(-1)}`;

/** AWS::SQS::QueuePolicy. */
export const createQueuePolicy: CreateResource = (request, { sqs }) => {
  assertKnown(request, ["PolicyDocument", "Queues"]);
  const { PolicyDocument, Queues } = request.properties as { PolicyDocument: object; Queues: readonly string[] };
  for (const url of Queues) sqs.setPolicy(arnOfUrl(url), PolicyDocument);
  return { ref: physicalName(request) };
};
