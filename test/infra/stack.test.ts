import type { Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../infra/functions.ts";
import { DETAIL_TYPE } from "../../shared/model/events.ts";
import { parseWake } from "../../shared/queue/messages.ts";
import { actionsOf, anApp, statementsOf, synthesized } from "./synthesized.ts";

const template = synthesized();

const logicalIdOf = (resources: ReturnType<Template["findResources"]>): string => {
  const [id, ...more] = Object.keys(resources);
  if (id === undefined || more.length > 0) throw new Error(`expected one resource, found ${Object.keys(resources)}`);
  return id;
};

const queueOf = (service: string): string => {
  const worker = template.findResources("AWS::Lambda::Function", {
    Properties: { Environment: { Variables: { POWERTOOLS_SERVICE_NAME: `stratos-${service}` } } },
  });
  const mapping = template.findResources("AWS::Lambda::EventSourceMapping", {
    Properties: { FunctionName: { Ref: logicalIdOf(worker) } },
  });
  return mapping[logicalIdOf(mapping)]?.Properties.EventSourceArn["Fn::GetAtt"][0];
};

const targetOf = (detailType: string) => {
  const rule = template.findResources("AWS::Events::Rule", {
    Properties: { EventPattern: { "detail-type": Match.arrayWith([detailType]) } },
  });
  return rule[logicalIdOf(rule)]?.Properties.Targets[0];
};

/** Applies a target's input transformer to an event of the forwarder, by EventBridge's rules: text inside quotes, otherwise JSON. */
const transformed = (detailType: string, detail: Readonly<Record<string, string>>): string => {
  const { InputPathsMap, InputTemplate } = targetOf(detailType).InputTransformer;
  const event: Readonly<Record<string, string>> = { "$.source": "stratos.forwarder/my-cluster" };
  const valueAt = (name: string): string =>
    event[InputPathsMap[name]] ?? detail[InputPathsMap[name].replace("$.detail.", "")] ?? "";
  return InputTemplate.replaceAll(/"[^"]*"|<([\w-]+)>/g, (whole: string, alone?: string) =>
    alone ? JSON.stringify(valueAt(alone)) : whole.replaceAll(/<([\w-]+)>/g, (_, name: string) => valueAt(name)),
  );
};

describe("forwarder events wake their reconciler with a key of the forwarder's own cluster", () => {
  const detail = { cluster: "another", pool: "workers", node: "ip-10-0-0-1", nodeClass: "large" };
  test.each([
    [DETAIL_TYPE.podsUnschedulable, "demand", "my-cluster"],
    [DETAIL_TYPE.heartbeat, "demand", "my-cluster"],
    [DETAIL_TYPE.nodePoolChanged, "pool", "my-cluster/workers"],
    [DETAIL_TYPE.nodeChanged, "pool", "my-cluster/workers"],
    [DETAIL_TYPE.nodeClassChanged, "nodeclass", "my-cluster/large"],
  ] as const)("%s → %s %s", (detailType, service, key) => {
    expect(targetOf(detailType).Arn["Fn::GetAtt"][0]).toBe(queueOf(service));
    expect(parseWake(service, transformed(detailType, detail))).toEqual({ key });
  });

  test("only on the bus stratos, with a forwarder's source, and heartbeats only from their own cluster", () => {
    const rules = Object.values(template.findResources("AWS::Events::Rule")).filter(
      ({ Properties }) => Properties.EventBusName,
    );
    expect(rules).toHaveLength(5);
    for (const { Properties } of rules) {
      const isHeartbeat = Properties.EventPattern["detail-type"].includes(DETAIL_TYPE.heartbeat);
      const source = isHeartbeat ? "stratos.forwarder/my-cluster" : { prefix: "stratos.forwarder/" };
      expect(Properties.EventPattern.source).toEqual([source]);
    }
    template.hasResourceProperties("AWS::Events::EventBus", { Name: "stratos" });
  });
});

describe("events that name only an instance go to ec2-events", () => {
  test.each([
    DETAIL_TYPE.nodeUnlabelled,
    "EC2 Instance State-change Notification",
    "EC2 Spot Instance Interruption Warning",
    "EC2 Instance Rebalance Recommendation",
  ])("%s", (detailType) => {
    const worker = template.findResources("AWS::Lambda::Function", {
      Properties: { Environment: { Variables: { POWERTOOLS_SERVICE_NAME: "stratos-ec2-events" } } },
    });
    expect(targetOf(detailType).Arn["Fn::GetAtt"][0]).toBe(logicalIdOf(worker));
  });
});

describe("delivery", () => {
  test("the sweep runs every minute", () => {
    template.hasResourceProperties("AWS::Events::Rule", { ScheduleExpression: "rate(1 minute)", State: "ENABLED" });
  });

  test("a sweep that fails, or waits for a minute, is given up for the next one and its event kept for an hour", () => {
    const [config, ...more] = Object.values(template.findResources("AWS::Lambda::EventInvokeConfig"));
    const destination = config?.Properties.DestinationConfig.OnFailure.Destination["Fn::GetAtt"];
    expect(more).toEqual([]);
    expect(config?.Properties).toMatchObject({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 });
    expect(template.findResources("AWS::SQS::Queue")[destination[0]]?.Properties.MessageRetentionPeriod).toBe(3600);
    const allowed = statementsOf(template, "sweep").find(({ Sid }) => Sid === "SendFailures");
    expect(allowed?.Resource).toEqual({ "Fn::GetAtt": destination });
  });

  test("events that EventBridge cannot deliver go to a dead-letter queue", () => {
    for (const { Properties } of Object.values(template.findResources("AWS::Events::Rule"))) {
      for (const target of Properties.Targets) expect(target.DeadLetterConfig).toBeDefined();
    }
  });

  test("queues accept messages only from their own rules and only with TLS", () => {
    for (const { Properties } of Object.values(template.findResources("AWS::SQS::QueuePolicy"))) {
      for (const statement of Properties.PolicyDocument.Statement) {
        if (statement.Effect === "Deny") {
          expect(statement.Condition).toEqual({ Bool: { "aws:SecureTransport": "false" } });
        } else {
          expect(statement.Principal).toEqual({ Service: "events.amazonaws.com" });
          expect(JSON.stringify(statement.Condition)).toMatch(/aws:SourceArn/);
        }
      }
    }
    template.resourceCountIs("AWS::SQS::QueuePolicy", Object.keys(template.findResources("AWS::SQS::Queue")).length);
  });
});

describe("reconcilers", () => {
  test.each(["demand", "pool", "nodeclass"])(
    "%s returns failed keys to the queue and after 20 receives to the dead-letter queue",
    (service) => {
      const queue = template.findResources("AWS::SQS::Queue")[queueOf(service)];
      expect(queue?.Properties.RedrivePolicy.maxReceiveCount).toBe(20);
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThan(60);
      template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
        EventSourceArn: { "Fn::GetAtt": [queueOf(service), "Arn"] },
        BatchSize: 10,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      });
    },
  );

  test("may wake themselves indefinitely, which Lambda would otherwise stop", () => {
    const looping = template.findResources("AWS::Lambda::Function", { Properties: { RecursiveLoop: "Allow" } });
    expect(Object.keys(looping)).toHaveLength(3);
  });
});

describe("functions", () => {
  test("run on arm64 with Node 24, keep logs for 30 days, and have the table, clusters and queues in their environment", () => {
    template.allResourcesProperties("AWS::Lambda::Function", {
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      Environment: {
        Variables: Match.objectLike({
          STRATOS_TABLE_NAME: Match.anyValue(),
          STRATOS_CLUSTERS: Match.anyValue(),
          STRATOS_POOL_QUEUE_URL: { Ref: queueOf("pool") },
          POWERTOOLS_METRICS_NAMESPACE: "Stratos",
        }),
      },
    });
    template.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 30 });
  });

  test("are in a VPC only to reach a private endpoint", () => {
    expect(template.findResources("AWS::Lambda::Function", { Properties: { VpcConfig: Match.anyValue() } })).toEqual(
      {},
    );
    const network = { vpcId: "vpc-1", subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
    const inside = synthesized([{ name: "my-cluster", private: network }]).findResources("AWS::Lambda::Function", {
      Properties: { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] } },
    });
    expect(Object.keys(inside)).toHaveLength(4);
  });
});

describe("clusters", () => {
  test("map the functions that handle nodes to one group, and those that do not to another", () => {
    const two = synthesized([{ name: "blue" }, { name: "green" }]);
    two.resourceCountIs("AWS::EKS::AccessEntry", 8);
    const groupsOf = Object.values(two.findResources("AWS::EKS::AccessEntry")).map(({ Properties }) => {
      const [role] = Properties.PrincipalArn["Fn::GetAtt"];
      const { Description } = two.toJSON().Resources[role].Properties;
      return `${Properties.ClusterName} ${Description.split(" ").at(-1)}: ${Properties.KubernetesGroups}`;
    });
    expect(groupsOf.filter((entry) => entry.startsWith("blue"))).toEqual([
      "blue demand: stratos-functions",
      "blue pool: stratos-functions",
      "blue nodeclass: stratos-class-functions",
      "blue sweep: stratos-class-functions",
    ]);
    two.allResourcesProperties("AWS::EKS::AccessEntry", { Type: "STANDARD" });
    two.resourceCountIs("AWS::EKS::PodIdentityAssociation", 2);
  });

  test("allow only their own forwarder's pods to send its events, and nothing else", () => {
    synthesized([{ name: "blue" }, { name: "green" }]).resourcePropertiesCountIs(
      "AWS::IAM::Role",
      { Description: Match.stringLikeRegexp("forwarder of cluster (blue|green)") },
      2,
    );
    template.hasResourceProperties("AWS::IAM::Role", {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: ["sts:AssumeRole", "sts:TagSession"],
            Principal: { Service: "pods.eks.amazonaws.com" },
            Condition: {
              StringEquals: {
                "aws:RequestTag/eks-cluster-name": "my-cluster",
                "aws:RequestTag/kubernetes-namespace": "stratos-system",
                "aws:RequestTag/kubernetes-service-account": "stratos-forwarder",
              },
            },
          },
        ],
      },
    });
    const [role, ...others] = Object.values(template.findResources("AWS::IAM::Role")).filter(({ Properties }) =>
      Properties.Description.includes("forwarder of cluster"),
    );
    expect(others).toEqual([]);
    expect(role?.Properties.Policies.map((policy: { PolicyDocument: object }) => policy.PolicyDocument)).toMatchObject([
      {
        Statement: [
          {
            Action: "events:PutEvents",
            Condition: {
              StringEquals: {
                "events:source": "stratos.forwarder/my-cluster",
                "events:detail-type": Object.values(DETAIL_TYPE),
              },
            },
          },
        ],
      },
    ]);
  });
});

test("ec2-events can wake pools and demand only", () => {
  const [wake] = statementsOf(template, "ec2-events").filter(({ Sid }) => Sid === "Wake");
  const arns = (["demand", "pool"] as const).map((kind) => ({ "Fn::GetAtt": [queueOf(kind), "Arn"] }));
  expect(wake?.Resource).toEqual(arns);
});

describe("options of the context", () => {
  test("protect the stack and its table from deletion unless told otherwise", () => {
    const protectionOf = (options: object) => {
      const stack = anApp(undefined, options).node.findChild("Stratos") as Stack;
      const [table] = Object.values(Template.fromStack(stack).findResources("AWS::DynamoDB::Table"));
      return [stack.terminationProtection, table?.Properties.DeletionProtectionEnabled];
    };
    expect(protectionOf({})).toEqual([true, true]);
    expect(protectionOf({ deletionProtection: "false" })).toEqual([false, false]);
  });

  test("reserve concurrency, and say how long logs are kept", () => {
    expect(JSON.stringify(template.toJSON())).not.toContain("ReservedConcurrentExecutions");
    const changed = synthesized(undefined, { reservedConcurrency: true, logRetentionDays: "90" });
    const reserved = Object.values(changed.findResources("AWS::Lambda::Function")).map(
      ({ Properties }) => Properties.ReservedConcurrentExecutions,
    );
    expect(reserved.sort((a, b) => a - b)).toEqual([2, 2, 5, 5, 10]);
    changed.allResourcesProperties("AWS::Logs::LogGroup", { RetentionInDays: 90 });
  });
});

describe("tracing", () => {
  const tracedIn = (of: Template) =>
    Object.values(of.findResources("AWS::Lambda::Function")).map(({ Properties }) => Properties.TracingConfig?.Mode);
  const isTrace = (statement: Parameters<typeof actionsOf>[0]) =>
    actionsOf(statement).some((action) => action.startsWith("xray:"));

  test("covers every function, which may send traces and nothing else to X-Ray", () => {
    expect(tracedIn(template)).toEqual(FUNCTION_NAMES.map(() => "Active"));
    const granted = FUNCTION_NAMES.flatMap((name) => statementsOf(template, name).filter(isTrace).map(actionsOf));
    expect(granted).toEqual(FUNCTION_NAMES.map(() => ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]));
  });

  test("can be switched off, permissions included", () => {
    const untraced = synthesized(undefined, { tracing: "false" });
    expect(new Set(tracedIn(untraced))).toEqual(new Set([undefined]));
    expect(FUNCTION_NAMES.flatMap((name) => statementsOf(untraced, name).filter(isTrace))).toEqual([]);
  });
});

test("the table is retained, has point-in-time recovery, and has an index by instance", () => {
  template.hasResource("AWS::DynamoDB::Table", {
    DeletionPolicy: "Retain",
    Properties: {
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      GlobalSecondaryIndexes: [
        {
          IndexName: "by-instance-id",
          KeySchema: [{ AttributeName: "instanceId", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    },
  });
});
