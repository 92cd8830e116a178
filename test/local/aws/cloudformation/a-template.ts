import { fileURLToPath } from "node:url";
import type { Template, TemplateResource } from "../../../../local/aws/cloudformation/template.ts";

const arn = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
const allow = (Action: string | string[], Resource: unknown) => ({ Effect: "Allow", Action, Resource });
const trust = (Service: string, Action: string | string[] = "sts:AssumeRole") => ({
  Statement: [{ Effect: "Allow", Action, Principal: { Service } }],
});

const eventsMaySend = {
  Effect: "Allow",
  Action: "sqs:SendMessage",
  Resource: arn("Wakes"),
  Principal: { Service: "events.amazonaws.com" },
  Condition: { ArnEquals: { "aws:SourceArn": arn("Rule") } },
};

const aFunction = (Handler: string): TemplateResource => ({
  Type: "AWS::Lambda::Function",
  Properties: {
    Handler,
    Runtime: "nodejs24.x",
    Role: arn("Role"),
    Timeout: 10,
    Code: { S3Bucket: { "Fn::Sub": ["cdk-assets-", {}] }, S3Key: "abc.zip" },
    Environment: { Variables: { TABLE: { Ref: "Table" } } },
  },
  DependsOn: ["Policy"],
  Metadata: { "aws:asset:path": fileURLToPath(new URL("./fixture", import.meta.url)) },
});

/** A small stack structured like Stratos's: bus → rule → queue → function → table, and a rule that invokes a function directly. */
export const aTemplate = (overrides: Record<string, TemplateResource> = {}): Template => ({
  Parameters: { BootstrapVersion: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/cdk-bootstrap/version" } },
  Resources: {
    Mapping: {
      Type: "AWS::Lambda::EventSourceMapping",
      Properties: {
        FunctionName: { Ref: "Function" },
        EventSourceArn: arn("Wakes"),
        BatchSize: 10,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
        ScalingConfig: { MaximumConcurrency: 2 },
      },
    },
    Function: aFunction("index.handler"),
    OnEvent: aFunction("index.onEvent"),
    Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: trust("lambda.amazonaws.com") } },
    Policy: {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: "Policy",
        Roles: [{ Ref: "Role" }],
        PolicyDocument: {
          Statement: [
            allow("dynamodb:PutItem", arn("Table")),
            allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn("Wakes")),
          ],
        },
      },
    },
    Table: {
      Type: "AWS::DynamoDB::Table",
      Properties: {
        TableName: "records",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      },
    },
    Bus: { Type: "AWS::Events::EventBus", Properties: { Name: "stratos" } },
    Rule: {
      Type: "AWS::Events::Rule",
      Properties: {
        EventBusName: { Ref: "Bus" },
        EventPattern: { source: ["stratos.forwarder"] },
        State: "ENABLED",
        Targets: [
          {
            Id: "Target0",
            Arn: arn("Wakes"),
            InputTransformer: { InputPathsMap: { key: "$.detail.key" }, InputTemplate: '{"key":<key>}' },
          },
        ],
      },
    },
    DirectRule: {
      Type: "AWS::Events::Rule",
      Properties: { EventPattern: { source: ["aws.ec2"] }, Targets: [{ Id: "Target0", Arn: arn("OnEvent") }] },
    },
    Permission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        Action: "lambda:InvokeFunction",
        FunctionName: arn("OnEvent"),
        Principal: "events.amazonaws.com",
        SourceArn: arn("DirectRule"),
      },
    },
    Wakes: {
      Type: "AWS::SQS::Queue",
      Properties: {
        QueueName: "wakes",
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: arn("DeadLetters"), maxReceiveCount: 3 },
      },
    },
    DeadLetters: { Type: "AWS::SQS::Queue", Properties: { QueueName: "dead-letters" } },
    WakesPolicy: {
      Type: "AWS::SQS::QueuePolicy",
      Properties: { Queues: [{ Ref: "Wakes" }], PolicyDocument: { Statement: [eventsMaySend] } },
    },
    ForwarderRole: {
      Type: "AWS::IAM::Role",
      Properties: {
        RoleName: "forwarder",
        AssumeRolePolicyDocument: trust("pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"]),
      },
    },
    Association: {
      Type: "AWS::EKS::PodIdentityAssociation",
      Properties: {
        ClusterName: "my-cluster",
        Namespace: "stratos-system",
        ServiceAccount: "stratos-forwarder",
        RoleArn: arn("ForwarderRole"),
      },
    },
    Entry: {
      Type: "AWS::EKS::AccessEntry",
      Properties: { ClusterName: "my-cluster", PrincipalArn: arn("Role"), KubernetesGroups: ["stratos-functions"] },
    },
    Alarm: { Type: "AWS::CloudWatch::Alarm", Properties: { AlarmName: "dead-letters", Threshold: 0 } },
    ...overrides,
  },
  Outputs: { TableName: { Value: { Ref: "Table" } }, Region: { Value: { Ref: "AWS::Region" } } },
});
