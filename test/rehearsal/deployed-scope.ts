/** What a template's references stand for once its resources are there. */
import type { Scope } from "../../local/aws/cloudformation/intrinsics.ts";
import type { Template } from "../../local/aws/cloudformation/template.ts";
import { ACCOUNT, REGION } from "./cdk.ts";

/** By logical id. */
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

/** `properties` are those of the resource itself, for what its physical id does not say. */
const ARNS: Readonly<Record<string, (id: string, properties: Readonly<Record<string, unknown>>) => string>> = {
  "AWS::DynamoDB::Table": (id) => arn("dynamodb", `table/${id}`),
  "AWS::Events::EventBus": (_, { Name }) => arn("events", `event-bus/${Name}`),
  "AWS::Events::Rule": (id, { EventBusName }) => arn("events", `rule/${EventBusName ? `${EventBusName}/` : ""}${id}`),
  "AWS::IAM::Role": (id) => arn("iam", `role/${id}`, ""),
  "AWS::Lambda::Function": (id) => arn("lambda", `function:${id}`),
  // AWS's own ends in `:*`; moto leaves that out.
  "AWS::Logs::LogGroup": (id) => arn("logs", `log-group:${id}`),
  "AWS::SQS::Queue": (id) => arn("sqs", lastPart(id)),
};

/** Throws on a reference to what is not there. */
export const deployedScope = ({ Resources }: Template, ids: PhysicalIds): Scope => {
  const refuse = (what: string): never => {
    throw new Error(`resolving a template's references: nothing says ${what}`);
  };
  return {
    ref: (name) => PSEUDO[name] ?? ids.get(name) ?? refuse(`what ${name} is`),
    getAtt: (logicalId, attribute) => {
      const { Type = "", Properties = {} } = Resources[logicalId] ?? {};
      const id = ids.get(logicalId) ?? refuse(`what ${logicalId} is`);
      if (attribute === "QueueName") return lastPart(id);
      const toArn = attribute === "Arn" ? ARNS[Type] : undefined;
      return toArn ? toArn(id, Properties) : refuse(`what ${attribute} of ${logicalId}, a ${Type}, is`);
    },
    condition: (name) => refuse(`whether ${name}`),
    mapping: (map) => refuse(`what is in ${map}`),
    zones: (region) => refuse(`which zones ${region} has`),
  };
};
