/** Evaluates the template's policies with the local IAM simulator, as AWS would. */
import { describe, expect, test } from "vitest";
import { ACCOUNT, REGION, whatMayBeDone } from "./evaluate.ts";
import { synthesized } from "./synthesized.ts";

const template = synthesized();
const isAllowed = whatMayBeDone(template);

const ec2 = (kind: string): string => `arn:aws:ec2:${REGION}:${ACCOUNT}:${kind}/x-1`;
const INSTANCE = ec2("instance");
const ownTags = (where: string) => ({
  [`aws:${where}/managed-by`]: "stratos",
  [`aws:${where}/stratos.sh/cluster`]: "my-cluster",
  [`aws:${where}/stratos.sh/pool`]: "workers",
});
const otherCluster = (where: string) => ({ ...ownTags(where), [`aws:${where}/stratos.sh/cluster`]: "theirs" });

describe("an unmanaged instance", () => {
  test.each(["ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"])("is protected from %s", (action) => {
    expect(isAllowed("pool", action, INSTANCE, ownTags("ResourceTag"))).toBe(true);
    expect(isAllowed("pool", action, INSTANCE)).toBe(false);
    expect(isAllowed("pool", action, INSTANCE, otherCluster("ResourceTag"))).toBe(false);
  });

  test("cannot be taken over by tagging it", () => {
    const tagging = { ...ownTags("RequestTag"), "aws:TagKeys": Object.keys(ownTags("RequestTag")) };
    expect(isAllowed("pool", "ec2:CreateTags", INSTANCE, tagging)).toBe(false);
    expect(isAllowed("pool", "ec2:CreateTags", INSTANCE, { ...tagging, ...ownTags("ResourceTag") })).toBe(false);
  });
});

describe("a launch", () => {
  test.each(["instance", "volume", "network-interface"])("creates no %s without a pool's tags", (kind) => {
    expect(isAllowed("pool", "ec2:RunInstances", ec2(kind), ownTags("RequestTag"))).toBe(true);
    expect(isAllowed("pool", "ec2:RunInstances", ec2(kind))).toBe(false);
    expect(isAllowed("pool", "ec2:RunInstances", ec2(kind), otherCluster("RequestTag"))).toBe(false);
  });

  test("may use any image, subnet and security group", () => {
    expect(isAllowed("pool", "ec2:RunInstances", `arn:aws:ec2:${REGION}::image/ami-1`)).toBe(true);
    for (const kind of ["subnet", "security-group"])
      expect(isAllowed("pool", "ec2:RunInstances", ec2(kind))).toBe(true);
  });

  test("may pass only node roles, and only to EC2", () => {
    const toEc2 = { "iam:PassedToService": "ec2.amazonaws.com" };
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    expect(isAllowed("pool", "iam:PassRole", role("node-role"), toEc2)).toBe(true);
    expect(isAllowed("pool", "iam:PassRole", role("eksctl-my-cluster-nodegroup-ng-NodeInstanceRole-1AB"), toEc2)).toBe(
      true,
    );
    expect(isAllowed("pool", "iam:PassRole", role("Admin"), toEc2)).toBe(false);
    const toLambda = { "iam:PassedToService": "lambda.amazonaws.com" };
    expect(isAllowed("pool", "iam:PassRole", role("node-role"), toLambda)).toBe(false);
  });

  test("may tag resources only while it creates them", () => {
    const launching = { ...ownTags("RequestTag"), "ec2:CreateAction": "RunInstances" };
    expect(isAllowed("pool", "ec2:CreateTags", ec2("volume"), launching)).toBe(true);
    expect(
      isAllowed("pool", "ec2:CreateTags", ec2("volume"), { ...launching, "ec2:CreateAction": "CreateVolume" }),
    ).toBe(false);
  });
});

describe("a managed instance", () => {
  test("may get a new state tag from the pool function only", () => {
    const context = { ...ownTags("ResourceTag"), "aws:TagKeys": ["stratos.sh/state"] };
    expect(isAllowed("pool", "ec2:CreateTags", INSTANCE, context)).toBe(true);
    expect(isAllowed("demand", "ec2:CreateTags", INSTANCE, context)).toBe(false);
  });
});

describe("the table", () => {
  const [id = ""] = Object.keys(template.findResources("AWS::DynamoDB::Table"));
  const isAllowedOn = (name: string, action: string, key: string): boolean =>
    isAllowed(name, action, `${id}.Arn`, { "dynamodb:LeadingKeys": [key] });

  test("lets nodeclass write its own leases, and nothing else", () => {
    expect(isAllowedOn("nodeclass", "dynamodb:UpdateItem", "WORK#nodeclass")).toBe(true);
    expect(isAllowedOn("nodeclass", "dynamodb:UpdateItem", "WORK#pool")).toBe(false);
    expect(isAllowedOn("nodeclass", "dynamodb:DeleteItem", "POOL#my-cluster/workers")).toBe(false);
    expect(isAllowedOn("pool", "dynamodb:DeleteItem", "POOL#my-cluster/workers")).toBe(true);
  });
});

describe("instance profiles", () => {
  const profile = (name: string) => `arn:aws:iam::123456789012:instance-profile/${name}`;

  test("may be created for the deployment's clusters only", () => {
    expect(
      isAllowed("nodeclass", "iam:CreateInstanceProfile", profile("stratos-my-cluster-a"), ownTags("RequestTag")),
    ).toBe(true);
    expect(isAllowed("nodeclass", "iam:CreateInstanceProfile", profile("theirs"), ownTags("RequestTag"))).toBe(false);
    expect(isAllowed("nodeclass", "iam:CreateInstanceProfile", profile("stratos-my-cluster-a"))).toBe(false);
  });

  test("without Stratos's tags cannot be deleted, even if the name matches", () => {
    const name = profile("stratos-my-cluster-a");
    expect(isAllowed("nodeclass", "iam:DeleteInstanceProfile", name, ownTags("ResourceTag"))).toBe(true);
    expect(isAllowed("nodeclass", "iam:DeleteInstanceProfile", name)).toBe(false);
  });
});

test("Describe calls are allowed in the deployment's region only", () => {
  const elsewhere = { "aws:RequestedRegion": "eu-west-1" };
  expect(isAllowed("pool", "ec2:DescribeInstances", "*")).toBe(true);
  expect(isAllowed("pool", "ec2:DescribeInstances", "*", elsewhere)).toBe(false);
});
