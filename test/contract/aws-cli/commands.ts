/** AWS CLI commands in order, each with its expected result on every implementation. */
import { GIVEN } from "../aws/cloud.ts";

/** Values from earlier answers for later commands. */
export type Kept = Readonly<Record<string, string>>;

export interface Command {
  args(kept: Kept): readonly string[];
  /** What the answer must contain. */
  readonly answers?: unknown;
  /** The error code, if the command must fail. */
  readonly fails?: string;
  /** Picks named values from the answer. */
  keep?(answer: unknown): Kept;
  /** Takes effect only after some time. */
  readonly takesTime?: boolean;
}

const field = (answer: unknown, name: string): string => String((answer as Readonly<Record<string, unknown>>)[name]);

const words = (line: string, ...more: string[]): string[] => [...line.split(" "), ...more];
const always =
  (line: string, ...more: string[]) =>
  () =>
    words(line, ...more);

const UNKNOWN_INSTANCE = "i-0123456789abcdef0";
const TAGGED = "ResourceType=instance,Tags=[{Key=team,Value=cli}]";

const ec2: readonly Command[] = [
  { args: always("ec2 describe-subnets --query Subnets[0]"), keep: (one) => ({ subnet: field(one, "SubnetId") }) },
  {
    args: always(`ec2 describe-images --owners self --filters Name=name,Values=${GIVEN.image.name} --query Images[0]`),
    answers: { Name: GIVEN.image.name, State: "available" },
    keep: (one) => ({ image: field(one, "ImageId") }),
  },
  {
    args: always("ec2 describe-security-groups --filters Name=group-name,Values=default --query SecurityGroups[0]"),
    answers: { GroupName: "default" },
  },
  {
    args: always("ec2 describe-instance-types --instance-types m5.large --query InstanceTypes[0]"),
    answers: { VCpuInfo: { DefaultVCpus: 2 }, MemoryInfo: { SizeInMiB: 8192 } },
  },
  {
    args: ({ image = "", subnet = "" }) =>
      words(`ec2 run-instances --dry-run --image-id ${image} --subnet-id ${subnet} --instance-type m5.large`),
    fails: "DryRunOperation",
  },
  {
    args: ({ image = "", subnet = "" }) =>
      words(
        `ec2 run-instances --image-id ${image} --subnet-id ${subnet} --instance-type m5.large --count 2 --query Instances`,
        "--tag-specifications",
        TAGGED,
        "--user-data",
        "#!/bin/sh\necho é\n",
      ),
    answers: [{ State: { Name: "pending" } }, { State: { Name: "pending" }, Tags: [{ Key: "team", Value: "cli" }] }],
    keep: (answer) => {
      const [one, other] = answer as unknown[];
      return { one: field(one, "InstanceId"), other: field(other, "InstanceId") };
    },
    takesTime: true,
  },
  {
    args: always(
      "ec2 describe-instances --filters Name=tag:team,Values=cli Name=instance-state-name,Values=running --query Reservations[].Instances[].State.Name",
    ),
    answers: ["running", "running"],
  },
  {
    args: ({ one = "" }) => words(`ec2 stop-instances --instance-ids ${one} --query StoppingInstances`),
    answers: [{ CurrentState: { Code: 64, Name: "stopping" }, PreviousState: { Name: "running" } }],
    takesTime: true,
  },
  {
    args: ({ one = "" }) => words(`ec2 start-instances --instance-ids ${one} --query StartingInstances`),
    answers: [{ CurrentState: { Code: 0, Name: "pending" }, PreviousState: { Name: "stopped" } }],
    takesTime: true,
  },
  { args: always(`ec2 start-instances --instance-ids ${UNKNOWN_INSTANCE}`), fails: "InvalidInstanceID.NotFound" },
  { args: always(`ec2 describe-instances --instance-ids ${UNKNOWN_INSTANCE}`), fails: "InvalidInstanceID.NotFound" },
  { args: ({ one = "" }) => words(`ec2 create-tags --resources ${one} --tags Key=stratos.sh/state,Value=standby`) },
  {
    args: ({ one = "" }) =>
      words(`ec2 describe-tags --filters Name=resource-id,Values=${one} Name=key,Values=stratos.sh/state --query Tags`),
    answers: [{ Key: "stratos.sh/state", ResourceType: "instance", Value: "standby" }],
  },
  {
    args: ({ one = "", other = "" }) =>
      words(`ec2 terminate-instances --instance-ids ${one} ${other} --query TerminatingInstances`),
    answers: [{ CurrentState: { Name: "shutting-down" } }, { CurrentState: { Name: "shutting-down" } }],
  },
];

const sqs: readonly Command[] = [
  {
    args: always("sqs create-queue --queue-name cli --attributes VisibilityTimeout=75"),
    keep: (answer) => ({ queue: field(answer, "QueueUrl") }),
  },
  { args: ({ queue = "" }) => words(`sqs send-message --queue-url ${queue}`, "--message-body", '{"key":"é"}') },
  {
    args: ({ queue = "" }) =>
      words(
        `sqs send-message-batch --queue-url ${queue} --entries Id=a,MessageBody=one Id=b,MessageBody=two,DelaySeconds=900`,
      ),
    answers: { Successful: [{ Id: "a" }, { Id: "b" }] },
  },
  {
    args: ({ queue = "" }) =>
      words(`sqs get-queue-attributes --queue-url ${queue} --attribute-names All --query Attributes`),
    answers: { VisibilityTimeout: "75", ApproximateNumberOfMessages: "2", ApproximateNumberOfMessagesDelayed: "1" },
  },
  {
    args: ({ queue = "" }) =>
      words(`sqs receive-message --queue-url ${queue} --max-number-of-messages 10 --query sort(Messages[].Body)`),
    answers: ["one", '{"key":"é"}'],
  },
  { args: always("sqs get-queue-url --queue-name missing"), fails: "AWS.SimpleQueueService.NonExistentQueue" },
];

const events: readonly Command[] = [
  {
    args: always("events create-event-bus --name cli"),
    answers: { EventBusArn: "arn:aws:events:us-east-1:123456789012:event-bus/cli" },
  },
  {
    args: always("events put-rule --name cli --event-bus-name cli --event-pattern", '{"source":["cli"]}'),
    answers: { RuleArn: "arn:aws:events:us-east-1:123456789012:rule/cli/cli" },
  },
  { args: always("events list-rules --event-bus-name cli --query Rules[].Name"), answers: ["cli"] },
  {
    args: always(
      "events put-events --entries",
      JSON.stringify([
        { EventBusName: "cli", Source: "cli", DetailType: "Test", Detail: "{}" },
        { EventBusName: "cli", Source: "cli", DetailType: "Test", Detail: "{" },
      ]),
    ),
    answers: { FailedEntryCount: 1, Entries: [{}, { ErrorCode: "MalformedDetail" }] },
  },
  { args: always("events describe-rule --name missing --event-bus-name cli"), fails: "ResourceNotFoundException" },
];

const KEY = '{"pk":{"S":"WORK#pool"},"sk":{"S":"c/p"}}';

const dynamodb: readonly Command[] = [
  {
    args: always(
      "dynamodb create-table --table-name cli --billing-mode PAY_PER_REQUEST --query TableDescription --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE --attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S",
    ),
    answers: { TableName: "cli" },
    takesTime: true,
  },
  {
    args: always(
      "dynamodb update-item --table-name cli --return-values ALL_NEW --key",
      KEY,
      ...["--update-expression", "ADD dirtySeq :one", "--expression-attribute-values", '{":one":{"N":"1"}}'],
    ),
    answers: { Attributes: { dirtySeq: { N: "1" } } },
  },
  {
    args: always(
      "dynamodb update-item --table-name cli --key",
      KEY,
      ...["--update-expression", "SET dirtySeq = :one", "--condition-expression", "dirtySeq = :zero"],
      ...["--expression-attribute-values", '{":one":{"N":"1"},":zero":{"N":"0"}}'],
    ),
    fails: "ConditionalCheckFailedException",
  },
  {
    args: always(
      "dynamodb query --table-name cli --key-condition-expression",
      "pk = :pk",
      ...["--expression-attribute-values", '{":pk":{"S":"WORK#pool"}}'],
    ),
    answers: { Count: 1, Items: [{ sk: { S: "c/p" } }] },
  },
  { args: always("dynamodb get-item --table-name missing --key", KEY), fails: "ResourceNotFoundException" },
];

const others: readonly Command[] = [
  { args: always("sts get-caller-identity"), answers: { Account: "123456789012" } },
  {
    args: always(`iam get-instance-profile --instance-profile-name ${GIVEN.profile} --query InstanceProfile`),
    answers: { Roles: [{ RoleName: GIVEN.roles[0] }] },
  },
  { args: always("iam get-instance-profile --instance-profile-name missing"), fails: "NoSuchEntity" },
  {
    args: always(`ssm get-parameter --name ${GIVEN.ownParameter.name} --query Parameter`),
    answers: { Value: GIVEN.ownParameter.value },
  },
  { args: always("ssm get-parameter --name /images/theirs"), fails: "ParameterNotFound" },
  {
    args: always(`eks describe-cluster --name ${GIVEN.cluster} --query cluster`),
    answers: { name: GIVEN.cluster, status: "ACTIVE" },
  },
  { args: always("eks describe-cluster --name missing"), fails: "ResourceNotFoundException" },
];

export const COMMANDS: readonly Command[] = [...ec2, ...sqs, ...events, ...dynamodb, ...others];
