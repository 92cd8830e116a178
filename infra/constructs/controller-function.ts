import { join } from "node:path";
import { Aws, Duration, RemovalPolicy, Stack, Validations } from "aws-cdk-lib";
import { type ISubnet, SecurityGroup, Subnet, Vpc } from "aws-cdk-lib/aws-ec2";
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  type RecursiveLoop,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { NetworkProps } from "../deployment.ts";
import type { FunctionName } from "../functions.ts";
import type { Options } from "../options.ts";
import type { Permission } from "../permissions/permission.ts";
import { raiseAlarm } from "./alarm.ts";
import { flatReference } from "./flat-reference.ts";

export interface ControllerFunctionProps {
  readonly name: FunctionName;
  readonly purpose: string;
  /** Contains one folder per function, with its bundle `index.cjs`. */
  readonly functionsFolder: string;
  readonly memoryMiB: number;
  readonly timeout: Duration;
  readonly network?: NetworkProps;
  readonly options: Options;
  /** How much of the account's concurrency it may need. */
  readonly maxConcurrency: number;
  readonly recursiveLoop?: RecursiveLoop;
}

const ALARM_PERIOD = Duration.minutes(1);

/** A Lambda function with its role, log group, and alarms on errors and throttles. */
export class ControllerFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: ControllerFunctionProps) {
    super(scope, id);
    const { options } = props;
    const logGroup = new LogGroup(this, "Logs", {
      retention: options.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: `Permissions of the Stratos function ${props.name}`,
    });
    this.allow({
      sid: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [logGroup.logGroupArn],
    });
    if (props.network) this.allow(networkInterfacePermission);
    if (options.tracing) this.allow(tracePermission);
    this.function = new LambdaFunction(this, "Function", {
      description: `Stratos: ${props.purpose}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(join(props.functionsFolder, props.name)),
      handler: "index.handler",
      role: this.role,
      memorySize: props.memoryMiB,
      timeout: props.timeout,
      logGroup,
      recursiveLoop: props.recursiveLoop,
      reservedConcurrentExecutions: options.reservedConcurrency ? props.maxConcurrency : undefined,
      environment: {
        POWERTOOLS_SERVICE_NAME: `stratos-${props.name}`,
        POWERTOOLS_METRICS_NAMESPACE: "Stratos",
        POWERTOOLS_LOG_LEVEL: "INFO",
      },
      ...(props.network && placement(this, props.network)),
    });
    if (options.tracing) traceAll(this.function);
    this.raiseAlarms(props.name);
    this.node.addValidation({ validate: () => findExcess(this.role, props.name) });
  }

  /** Gives an event up after a minute or its first failure, for a function that is invoked again anyway, and sends it to the queue. */
  neverRetry(failures: IQueue): void {
    this.allow({ sid: "SendFailures", actions: ["sqs:SendMessage"], resources: [failures.queueArn] });
    this.function.configureAsyncInvoke({
      maxEventAge: Duration.minutes(1),
      retryAttempts: 0,
      // Not the CDK's destination, which also grants what Lambda does not need.
      onFailure: { bind: () => ({ destination: failures.queueArn }) },
    });
  }

  /**
   * Adds statements to the role's policy and acknowledges each wildcard in them with its reason. The CDK moves what exceeds IAM's limit for a role's own
   * policy to managed policies.
   */
  allow(...permissions: Permission[]): void {
    for (const { wildcardBecause, ...statement } of permissions.flatMap(inParts)) {
      this.role.addToPrincipalPolicy(new PolicyStatement(statement));
      const flat = statement.resources.map((arn) => flatReference(Stack.of(this).resolve(arn)));
      for (const resource of wildcardBecause === undefined ? [] : flat) {
        const id = `AwsSolutions-IAM5[Resource::${resource}]`;
        Validations.of(this.role).acknowledge({ id, reason: `${wildcardBecause}.` });
      }
    }
  }

  private raiseAlarms(name: FunctionName): void {
    raiseAlarm(this, "Errors", {
      metric: this.function.metricErrors({ period: ALARM_PERIOD }),
      threshold: 1,
      periods: 5,
      summary: `Invocations of function ${name} have failed in each of the last 5 minutes`,
      runbook: "function-errors",
    });
    raiseAlarm(this, "Throttles", {
      metric: this.function.metricThrottles({ period: ALARM_PERIOD }),
      threshold: 1,
      periods: 5,
      summary: `Invocations of function ${name} have been throttled in each of the last 5 minutes`,
      runbook: "function-throttled",
    });
  }
}

/** So many of the longest ARNs fit into one managed policy, beside a condition on 40 clusters. */
const MAX_RESOURCES = 20;

/** Statements that differ in their resources only, none of which exceeds a managed policy. */
const inParts = (permission: Permission): Permission[] => {
  const { sid, resources } = permission;
  const parts = Math.ceil(resources.length / MAX_RESOURCES);
  return Array.from({ length: parts }, (_, part) => ({
    ...permission,
    sid: part === 0 ? sid : `${sid}${part + 1}`,
    resources: resources.slice(part * MAX_RESOURCES, (part + 1) * MAX_RESOURCES),
  }));
};

/** IAM's default quota for a role ("IAM and AWS STS quotas", IAM User Guide). */
const MAX_MANAGED_POLICIES = 10;

/** The clusters' fields are limited one by one, but not all of them together. */
const findExcess = (role: Role, name: FunctionName): string[] => {
  const count = role.node.children.filter((child) => child instanceof ManagedPolicy).length;
  return count > MAX_MANAGED_POLICIES
    ? [
        `clusters: the nodeRoles and kmsKeys of all clusters need ${count} managed policies for function ${name}; allowed: ${MAX_MANAGED_POLICIES}`,
      ]
    : [];
};

/** Lambda sends the traces with the function's role; X-Ray has no resource-level permissions for that. */
const tracePermission: Permission = {
  sid: "Trace",
  actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
  resources: ["*"],
  conditions: { StringEquals: { "aws:RequestedRegion": Aws.REGION } },
  wildcardBecause: "X-Ray has no resource-level permissions for sending traces",
};

/** Not the construct's `tracing`, which adds an unnamed statement to the role. Lambda samples one request per second and 5 % of the others. */
const traceAll = (target: LambdaFunction): void => {
  (target.node.defaultChild as CfnFunction).tracingConfig = { mode: "Active" };
};

/** Lambda creates the function's network interfaces with the function's role (Lambda Developer Guide, VPC). */
const networkInterfacePermission: Permission = {
  sid: "JoinNetwork",
  actions: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  resources: ["*"],
  conditions: { StringEquals: { "aws:RequestedRegion": Aws.REGION } },
  wildcardBecause: "Lambda checks for these permissions without naming resources",
};

const placement = (scope: Construct, { vpcId, subnetIds, securityGroupIds }: NetworkProps) => {
  // No lookup in the account: the function uses the given subnets, and the CDK's VPC requires a zone that is never used.
  const vpc = Vpc.fromVpcAttributes(scope, "Vpc", { vpcId, availabilityZones: ["unused"] });
  const subnets: ISubnet[] = subnetIds.map((id) => Subnet.fromSubnetId(scope, id, id));
  const securityGroups = securityGroupIds.map((id) =>
    SecurityGroup.fromSecurityGroupId(scope, id, id, { mutable: false }),
  );
  return { vpc, vpcSubnets: { subnets }, securityGroups };
};
