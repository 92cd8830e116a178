/** Reads a created resource back as the properties of its template, with CloudFormation's names. */
import { DescribeContinuousBackupsCommand, DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DescribeEventBusCommand, DescribeRuleCommand, ListTargetsByRuleCommand } from "@aws-sdk/client-eventbridge";
import { GetRoleCommand, GetRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import type { Account } from "./account.ts";

export type Properties = Readonly<Record<string, unknown>>;

/** `expected` has its references resolved; a reader may use it only to identify the resource. */
type Reader = (account: Account, id: string, expected: Properties) => Promise<Properties>;

const number = (value: string | undefined) => (value === undefined ? undefined : Number(value));
const json = (value: string | undefined) => (value === undefined ? undefined : JSON.parse(value));

const readTable: Reader = async ({ dynamodb }, TableName) => {
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  const backups = await dynamodb.send(new DescribeContinuousBackupsCommand({ TableName }));
  const recovery = backups.ContinuousBackupsDescription?.PointInTimeRecoveryDescription;
  return {
    AttributeDefinitions: Table?.AttributeDefinitions,
    KeySchema: Table?.KeySchema,
    BillingMode: Table?.BillingModeSummary?.BillingMode,
    GlobalSecondaryIndexes: Table?.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
      IndexName,
      KeySchema,
      Projection,
    })),
    DeletionProtectionEnabled: Table?.DeletionProtectionEnabled ?? false,
    PointInTimeRecoverySpecification: {
      PointInTimeRecoveryEnabled: recovery?.PointInTimeRecoveryStatus === "ENABLED",
    },
  };
};

const readQueue: Reader = async ({ sqs }, QueueUrl) => {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
  return {
    MessageRetentionPeriod: number(Attributes.MessageRetentionPeriod),
    VisibilityTimeout: number(Attributes.VisibilityTimeout),
    SqsManagedSseEnabled: Attributes.SqsManagedSseEnabled === "true",
    RedrivePolicy: json(Attributes.RedrivePolicy),
  };
};

const readBus: Reader = async ({ events }, _, { Name }) => {
  const bus = await events.send(new DescribeEventBusCommand({ Name: String(Name) }));
  return { Name: bus.Name, Description: bus.Description };
};

const readRule: Reader = async ({ events }, Name, expected) => {
  const EventBusName = expected.EventBusName === undefined ? undefined : String(expected.EventBusName);
  const rule = await events.send(new DescribeRuleCommand({ Name, EventBusName }));
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: Name, EventBusName }));
  const { Description, ScheduleExpression, State } = rule;
  const EventPattern = json(rule.EventPattern);
  return { EventBusName: rule.EventBusName, Description, EventPattern, ScheduleExpression, State, Targets };
};

const readRole: Reader = async ({ iam }, RoleName) => {
  const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
  const document = json(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "null"));
  return { AssumeRolePolicyDocument: document, Description: Role?.Description, RoleName: Role?.RoleName };
};

const readPolicy: Reader = async ({ iam }, _, { PolicyName, Roles }) => {
  const [RoleName = ""] = Roles as string[];
  const policy = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: String(PolicyName) }));
  const PolicyDocument = json(decodeURIComponent(policy.PolicyDocument ?? "null"));
  return { PolicyDocument, PolicyName: policy.PolicyName, Roles: [policy.RoleName] };
};

interface Functions {
  readonly Functions: readonly (Properties & { readonly FunctionName: string; readonly CodeSize: number })[];
}
interface Objects {
  readonly Contents: readonly { readonly Key: string; readonly Size: number }[];
}

/** Takes the code for the asset's if the sizes are equal. */
const readFunction: Reader = async ({ cliOnce }, name, { Code }) => {
  const { S3Bucket = "", S3Key } = Code as { S3Bucket?: string; S3Key?: string };
  const { Functions } = await cliOnce<Functions>("lambda", "list-functions");
  const { Contents } = await cliOnce<Objects>("s3api", "list-objects-v2", "--bucket", S3Bucket);
  const found = Functions.find(({ FunctionName }) => FunctionName === name);
  const asset = Contents.find(({ Key }) => Key === S3Key);
  const hasAssetCode = asset !== undefined && asset.Size === found?.CodeSize;
  return { ...found, Code: hasAssetCode ? Code : `${found?.CodeSize} bytes of other code` };
};

interface Mappings {
  readonly EventSourceMappings: readonly (Properties & { readonly UUID: string; readonly FunctionArn: string })[];
}

const readMapping: Reader = async ({ cliOnce }, id) => {
  const { EventSourceMappings } = await cliOnce<Mappings>("lambda", "list-event-source-mappings");
  const mapping = EventSourceMappings.find(({ UUID }) => UUID === id);
  return { ...mapping, FunctionName: mapping?.FunctionArn.split(":").at(-1) };
};

interface Statement {
  readonly Action: string;
  readonly Principal: { readonly Service: string };
  readonly Resource: string;
  readonly Condition?: { readonly ArnLike?: Readonly<Record<string, string>> };
}

const readPermission: Reader = async ({ cliOnce }, _, { FunctionName, SourceArn }) => {
  const { Policy } = await cliOnce<{ Policy: string }>("lambda", "get-policy", "--function-name", String(FunctionName));
  const { Statement } = JSON.parse(Policy) as { Statement: Statement[] };
  const sourceOf = ({ Condition }: Statement) => Condition?.ArnLike?.["AWS:SourceArn"];
  const found = Statement.find((statement) => sourceOf(statement) === SourceArn);
  if (!found) return {};
  const { Action, Principal, Resource } = found;
  return { Action, Principal: Principal.Service, FunctionName: Resource, SourceArn: sourceOf(found) };
};

interface LogGroups {
  readonly logGroups: readonly { readonly logGroupName: string; readonly retentionInDays: number }[];
}

const readLogGroup: Reader = async ({ cliOnce }, name) => {
  const { logGroups } = await cliOnce<LogGroups>("logs", "describe-log-groups");
  return { RetentionInDays: logGroups.find(({ logGroupName }) => logGroupName === name)?.retentionInDays };
};

const readDashboard: Reader = async ({ cli }, name) => {
  const { DashboardBody } = await cli<Properties>("cloudwatch", "get-dashboard", "--dashboard-name", name);
  return { DashboardBody, DashboardName: name };
};

/** By type. moto cannot create the other types of the template. */
export const READERS: Readonly<Record<string, Reader>> = {
  "AWS::CloudWatch::Dashboard": readDashboard,
  "AWS::DynamoDB::Table": readTable,
  "AWS::Events::EventBus": readBus,
  "AWS::Events::Rule": readRule,
  "AWS::IAM::Policy": readPolicy,
  "AWS::IAM::Role": readRole,
  "AWS::Lambda::EventSourceMapping": readMapping,
  "AWS::Lambda::Function": readFunction,
  "AWS::Lambda::Permission": readPermission,
  "AWS::Logs::LogGroup": readLogGroup,
  "AWS::SQS::Queue": readQueue,
};
