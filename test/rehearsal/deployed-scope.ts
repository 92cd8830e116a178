/** Resolves a template's references once its resources exist. */
import type { Scope } from "../../local/aws/cloudformation/intrinsics.ts";
import type { Template } from "../../local/aws/cloudformation/template.ts";
import { ACCOUNT, REGION } from "./cdk.ts";

/** By logical ID. */
export type PhysicalIds = ReadonlyMap<string, string>;

const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::AccountId": ACCOUNT,
  "AWS::Region": REGION,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
};

const arn = (service: string, resource: string, region = REGION) =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;

const lastPart = (url: string): string => url.split("/").at(-1) ?? "";

/** `properties` of the resource supply what its physical ID lacks. */
const ARNS: Readonly<Record<string, (id: string, properties: Readonly<Record<string, unknown>>) => string>> = {
  "AWS::DynamoDB::Table": (id) => arn("dynamodb", `table/${id}`),
  "AWS::Events::EventBus": (_, { Name }) => arn("events", `event-bus/${Name}`),
  "AWS::Events::Rule": (id, { EventBusName }) => arn("events", `rule/${EventBusName ? `${EventBusName}/` : ""}${id}`),
  "AWS::IAM::Role": (id) => arn("iam", `role/${id}`, ""),
  "AWS::Lambda::Function": (id) => arn("lambda", `function:${id}`),
  // AWS's ARN ends in `:*`; moto omits that.
  "AWS::Logs::LogGroup": (id) => arn("logs", `log-group:${id}`),
  "AWS::SQS::Queue": (id) => arn("sqs", lastPart(id)),
};

/** Throws on a reference that cannot be resolved. */
export const deployedScope = ({ Resources }: Template, ids: PhysicalIds): Scope => {
  const fail = (what: string): never => {
    throw new Error(`resolving a template's references: unknown ${what}`);
  };
  return {
    ref: (name) => PSEUDO[name] ?? ids.get(name) ?? fail(`resource ${name}`),
    getAtt: (logicalId, attribute) => {
      const { Type = "", Properties = {} } = Resources[logicalId] ?? {};
      const id = ids.get(logicalId) ?? fail(`resource ${logicalId}`);
      if (attribute === "QueueName") return lastPart(id);
      const toArn = attribute === "Arn" ? ARNS[Type] : undefined;
      return toArn ? toArn(id, Properties) : fail(`attribute ${attribute} of ${logicalId}, a ${Type}`);
    },
    condition: (name) => fail(`condition ${name}`),
    mapping: (map) => fail(`mapping ${map}`),
    zones: (region) => fail(`zones of ${region}`),
  };
};
