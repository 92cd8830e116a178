import { Match, type Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { DETAIL_TYPE } from "../../shared/model/events.ts";
import { synthesized } from "./synthesized.ts";

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

/** What a target's transformer makes of an event's detail, by the rules of EventBridge: text in quotes, else JSON. */
const transformed = (detailType: string, detail: Readonly<Record<string, string>>): unknown => {
  const { InputPathsMap, InputTemplate } = targetOf(detailType).InputTransformer;
  const valueAt = (name: string): string => detail[InputPathsMap[name].replace("$.detail.", "")] ?? "";
  return JSON.parse(
    InputTemplate.replaceAll(/"[^"]*<[^"]*"|<([\w-]+)>/g, (whole: string, alone?: string) =>
      alone ? JSON.stringify(valueAt(alone)) : whole.replaceAll(/<([\w-]+)>/g, (_, name: string) => valueAt(name)),
    ),
  );
};

describe("forwarder events ring their reconciler with the key they name", () => {
  const detail = { cluster: "my-cluster", pool: "workers", node: "ip-10-0-0-1", nodeClass: "large" };
  test.each([
    [DETAIL_TYPE.podsUnschedulable, "demand", "my-cluster"],
    [DETAIL_TYPE.heartbeat, "demand", "my-cluster"],
    [DETAIL_TYPE.nodePoolChanged, "pool", "my-cluster/workers"],
    [DETAIL_TYPE.nodeChanged, "pool", "my-cluster/workers"],
    [DETAIL_TYPE.nodeClassChanged, "nodeclass", "my-cluster/large"],
  ])("%s → %s %s", (detailType, service, key) => {
    expect(targetOf(detailType).Arn["Fn::GetAtt"][0]).toBe(queueOf(service));
    expect(transformed(detailType, detail)).toEqual({ key });
  });

  test("only those of the deployment's clusters, only on the bus stratos, only from the forwarder's source", () => {
    const rules = Object.values(template.findResources("AWS::Events::Rule")).filter(
      ({ Properties }) => Properties.EventBusName,
    );
    expect(rules).toHaveLength(5);
    for (const { Properties } of rules) {
      expect(Properties.EventPattern.source).toEqual(["stratos.forwarder"]);
      expect(Properties.EventPattern.detail.cluster).toEqual(["my-cluster"]);
    }
    template.hasResourceProperties("AWS::Events::EventBus", { Name: "stratos" });
  });
});

describe("events that know only an instance go to ec2-events", () => {
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

  test("what EventBridge cannot deliver is kept", () => {
    for (const { Properties } of Object.values(template.findResources("AWS::Events::Rule"))) {
      for (const target of Properties.Targets) expect(target.DeadLetterConfig).toBeDefined();
    }
  });

  test("queues take messages from their own rules only, and nothing without TLS", () => {
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
  test.each(["demand", "pool", "nodeclass"])("%s gives a key back, and gives it up in the end", (service) => {
    const queue = template.findResources("AWS::SQS::Queue")[queueOf(service)];
    expect(queue?.Properties.RedrivePolicy.maxReceiveCount).toBe(20);
    expect(queue?.Properties.VisibilityTimeout).toBeGreaterThan(60);
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { "Fn::GetAtt": [queueOf(service), "Arn"] },
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  test("may wake themselves for ever, which Lambda would otherwise stop", () => {
    const looping = template.findResources("AWS::Lambda::Function", { Properties: { RecursiveLoop: "Allow" } });
    expect(Object.keys(looping)).toHaveLength(3);
  });
});

describe("functions", () => {
  test("run on arm64 with Node 24, keep their logs for 30 days, and know table, clusters and queues", () => {
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

  test("are in no VPC, but for those that must reach a private endpoint", () => {
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
  test("know the four functions that talk to them as one group", () => {
    const two = synthesized([{ name: "blue" }, { name: "green" }]);
    two.resourceCountIs("AWS::EKS::AccessEntry", 8);
    two.allResourcesProperties("AWS::EKS::AccessEntry", { KubernetesGroups: ["stratos-functions"], Type: "STANDARD" });
    two.resourceCountIs("AWS::EKS::PodIdentityAssociation", 2);
  });

  test("let their forwarder, and no other pod, send the forwarder's events and do nothing else", () => {
    template.hasResourceProperties("AWS::IAM::Role", {
      AssumeRolePolicyDocument: {
        Statement: [
          {
            Action: ["sts:AssumeRole", "sts:TagSession"],
            Principal: { Service: "pods.eks.amazonaws.com" },
            Condition: {
              StringEquals: {
                "aws:RequestTag/eks-cluster-name": ["my-cluster"],
                "aws:RequestTag/kubernetes-namespace": "stratos-system",
                "aws:RequestTag/kubernetes-service-account": "stratos-forwarder",
              },
            },
          },
        ],
      },
    });
    template.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: [
          {
            Action: "events:PutEvents",
            Condition: {
              StringEquals: {
                "events:source": "stratos.forwarder",
                "events:detail-type": Object.values(DETAIL_TYPE),
              },
            },
          },
        ],
      },
    });
  });
});

test("the table survives the stack, can be restored, and finds a record by its instance", () => {
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
