import { join } from "node:path";
import { Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type ISubnet, SecurityGroup, Subnet, Vpc } from "aws-cdk-lib/aws-ec2";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
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
import { functionRoleName } from "../../shared/model/site.ts";
import type { NetworkProps } from "../deployment.ts";
import type { FunctionName } from "../functions.ts";
import type { Options } from "../options.ts";
import { allow, limitPolicies } from "../permissions/allow.ts";
import type { Permission } from "../permissions/permission.ts";
import { raiseAlarm } from "./alarm.ts";

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
      // Known to other accounts, whose roles trust it.
      roleName: functionRoleName(props.name, Stack.of(this).region),
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
    limitPolicies(this.role, props.name);
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

  allow(...permissions: Permission[]): void {
    allow(this.role, permissions);
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
