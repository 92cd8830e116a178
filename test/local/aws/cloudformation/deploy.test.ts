import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BaseCloud, startBaseCloud } from "../../../../local/aws/cloudformation/base-cloud.ts";
import { deployStack, type Stack } from "../../../../local/aws/cloudformation/deploy.ts";
import type { TemplateResource } from "../../../../local/aws/cloudformation/template.ts";
import { ROOT_KEYS } from "../gateway/a-cloud.ts";
import { aTemplate } from "./a-template.ts";

describe("a stack", () => {
  let cloud: BaseCloud;
  let stack: Stack | undefined;
  beforeEach(async () => {
    cloud = await startBaseCloud({ speed: Number.POSITIVE_INFINITY, random: () => 0.5, services: () => [] });
  });
  afterEach(async () => {
    stack?.stop();
    stack = undefined;
    await cloud.stop();
  });

  const deploy = async (overrides: Record<string, TemplateResource> = {}) => {
    const assembly = { stackName: "Stratos", template: aTemplate(overrides), directory: import.meta.dirname };
    stack = await deployStack(assembly, cloud.services);
    return stack;
  };
  const send = (key: string) =>
    cloud.services.events.put("stratos", { source: "stratos.forwarder", detailType: "x", detail: { key } });
  const keysInTable = async () => {
    const dynamodb = new DynamoDBClient({ endpoint: cloud.gateway.url, region: "us-east-1", credentials: ROOT_KEYS });
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: "records" }));
    return Items.map(({ pk }) => pk?.S).sort();
  };
  const deadLetters = () => cloud.services.sqs.messages("arn:aws:sqs:us-east-1:123456789012:dead-letters");

  it("carries an event on the bus through to an item in the table", async () => {
    await deploy();
    send("my-cluster/workers");
    await cloud.clock.sleep(10_000);
    expect(await keysInTable()).toEqual(["my-cluster/workers"]);
    expect(deadLetters()).toHaveLength(0);
  });

  it("moves a message that keeps failing to the dead-letter queue and processes the rest", async () => {
    await deploy();
    for (const key of ["poison", "a", "b"]) send(key);
    await cloud.clock.sleep(300_000);
    expect(await keysInTable()).toEqual(["a", "b"]);
    expect(deadLetters().map(({ body }) => body)).toEqual(['{"key":"poison"}']);
  });

  it("invokes a function that is a rule's target", async () => {
    await deploy();
    cloud.services.events.put("default", { source: "aws.ec2", detailType: "x", detail: { key: "i-1" } });
    await cloud.clock.sleep(10_000);
    const name = cloud.services.lambda.names().find((candidate) => candidate.includes("OnEvent")) ?? "";
    expect(cloud.services.lambda.logs(name).map(({ text }) => text)).toEqual(["saw i-1"]);
  });

  it("drops an event for a function that the rule has no permission to invoke", async () => {
    const Properties = {
      ...aTemplate().Resources.Permission?.Properties,
      SourceArn: "arn:aws:events:us-east-1:1:rule/x",
    };
    await deploy({ Permission: { Type: "AWS::Lambda::Permission", Properties } });
    cloud.services.events.put("default", { source: "aws.ec2", detailType: "x", detail: { key: "i-1" } });
    await cloud.clock.sleep(10_000);
    expect(cloud.services.lambda.invocations()).toHaveLength(0);
  });

  describe("with a configuration of asynchronous invocations", () => {
    const config: TemplateResource = {
      Type: "AWS::Lambda::EventInvokeConfig",
      Properties: {
        FunctionName: { Ref: "OnEvent" },
        Qualifier: "$LATEST",
        MaximumEventAgeInSeconds: 60,
        MaximumRetryAttempts: 0,
        DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": ["DeadLetters", "Arn"] } } },
      },
    };
    const mayFail = () => deploy({ Config: { ...config, DependsOn: ["Destination"] }, Destination: permission });
    const permission: TemplateResource = {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: "Destination",
        Roles: [{ Ref: "Role" }],
        PolicyDocument: { Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" }] },
      },
    };

    it("gives a failed event up after as many retries, and sends it to the destination", async () => {
      await mayFail();
      const event = { source: "aws.ec2", detailType: "x", detail: { key: "poison" } };
      cloud.services.events.put("default", event);
      await cloud.clock.sleep(600_000);
      expect(cloud.services.lambda.invocations()).toHaveLength(1);
      expect(deadLetters().map(({ body }) => JSON.parse(body))).toMatchObject([
        { requestContext: { condition: "RetriesExhausted" }, requestPayload: { detail: { key: "poison" } } },
      ]);
    });

    it("keeps a throttled event no longer than its age allows", async () => {
      await mayFail();
      const [name = ""] = cloud.services.lambda.names().filter((candidate) => candidate.includes("OnEvent"));
      cloud.services.lambda.throttle(name, 300_000);
      cloud.services.events.put("default", { source: "aws.ec2", detailType: "x", detail: { key: "i-1" } });
      await cloud.clock.sleep(600_000);
      expect(cloud.services.lambda.invocations()).toHaveLength(0);
      expect(deadLetters().map(({ body }) => JSON.parse(body).requestContext.condition)).toEqual(["EventAgeExceeded"]);
    });

    it("fails to deploy if the function's role may not send to the destination", async () => {
      await expect(deploy({ Config: config })).rejects.toThrow(/creating Config .*permissions to call SendMessage/);
    });
  });

  it("denies a function's call if the template lacks the permission", async () => {
    const policy = aTemplate().Resources.Policy;
    const text = JSON.stringify(policy).replace("dynamodb:PutItem", "dynamodb:GetItem");
    await deploy({ Policy: JSON.parse(text) as TemplateResource });
    send("my-cluster/workers");
    await cloud.clock.sleep(10_000);
    expect(await keysInTable()).toEqual([]);
    expect(cloud.services.authorizer.denials()[0]).toMatchObject({
      action: "dynamodb:PutItem",
      resource: "arn:aws:dynamodb:us-east-1:123456789012:table/records",
    });
  });

  it("fails to deploy if the function's role may not read its queue", async () => {
    const text = JSON.stringify(aTemplate().Resources.Policy).replace("sqs:ReceiveMessage", "sqs:SendMessage");
    await expect(deploy({ Policy: JSON.parse(text) as TemplateResource })).rejects.toThrow(
      /creating Mapping .*does not have permissions to call ReceiveMessage on SQS/,
    );
  });

  it("fails to deploy with an unsupported resource type or property", async () => {
    await expect(deploy({ Topic: { Type: "AWS::SNS::Topic" } })).rejects.toThrow("cannot create AWS::SNS::Topic");
    const fifo = { Type: "AWS::SQS::Queue", Properties: { FifoQueue: true } };
    await expect(deploy({ Fifo: fifo })).rejects.toThrow(
      "creating Fifo (AWS::SQS::Queue): Fifo: no support for FifoQueue",
    );
  });

  it("maps service accounts to roles and roles to groups", async () => {
    await deploy();
    const { podIdentities, accessEntries } = cloud.services;
    expect(podIdentities.roleOf("my-cluster", "stratos-system", "stratos-forwarder")).toBe("forwarder");
    const [role] = stack?.resources("AWS::IAM::Role") ?? [];
    expect(accessEntries.find("my-cluster", String(role?.attributes?.Arn))?.kubernetesGroups).toEqual([
      "stratos-functions",
    ]);
  });

  it("records alarms and resolves outputs", async () => {
    const { outputs, resources } = await deploy();
    expect(resources("AWS::CloudWatch::Alarm").map(({ ref }) => ref)).toEqual(["dead-letters"]);
    expect(outputs).toEqual({ TableName: "records", Region: "us-east-1" });
  });
});
