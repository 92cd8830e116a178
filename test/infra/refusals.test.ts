/** What AWS would answer: the template's policies under the embedded cloud's IAM evaluation. */
import { describe, expect, test } from "vitest";
import { resolveIntrinsics } from "../../local/aws/cloudformation/intrinsics.ts";
import { decide } from "../../local/aws/iam/policy/evaluate.ts";
import { readPolicy } from "../../local/aws/iam/policy/policy.ts";
import { statementsOf, synthesized } from "./synthesized.ts";

const REGION = "us-east-1";
const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws",
  "AWS::Region": REGION,
  "AWS::AccountId": "123456789012",
};

const template = synthesized();

/** May the function do this? `context` holds what AWS knows about the request. */
const may = (
  name: string,
  action: string,
  resource: string,
  context: Record<string, string | string[]> = {},
): boolean => {
  const document = { Statement: statementsOf(template, name) };
  const resolved = resolveIntrinsics(document, {
    ref: (id) => PSEUDO[id] ?? id,
    getAtt: (id, attribute) => `${id}.${attribute}`,
    condition: () => false,
    mapping: () => undefined,
    zones: () => [],
  });
  const request = { action, resource, context: { "aws:RequestedRegion": REGION, ...context } };
  return decide(readPolicy(resolved), request) === "allowed";
};

const ec2 = (kind: string): string => `arn:aws:ec2:${REGION}:123456789012:${kind}/x-1`;
const INSTANCE = ec2("instance");
const ours = (where: string) => ({
  [`aws:${where}/managed-by`]: "stratos",
  [`aws:${where}/stratos.sh/cluster`]: "my-cluster",
  [`aws:${where}/stratos.sh/pool`]: "workers",
});
const otherCluster = (where: string) => ({ ...ours(where), [`aws:${where}/stratos.sh/cluster`]: "theirs" });

describe("an instance that Stratos does not manage", () => {
  test.each(["ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"])("refuses %s", (action) => {
    expect(may("pool", action, INSTANCE, ours("ResourceTag"))).toBe(true);
    expect(may("pool", action, INSTANCE)).toBe(false);
    expect(may("pool", action, INSTANCE, otherCluster("ResourceTag"))).toBe(false);
  });

  test("cannot be made Stratos's own by tagging it", () => {
    const tagging = { ...ours("RequestTag"), "aws:TagKeys": Object.keys(ours("RequestTag")) };
    expect(may("pool", "ec2:CreateTags", INSTANCE, tagging)).toBe(false);
    expect(may("pool", "ec2:CreateTags", INSTANCE, { ...tagging, ...ours("ResourceTag") })).toBe(false);
  });
});

describe("a launch", () => {
  test.each(["instance", "volume", "network-interface"])("makes no %s without a pool's tags", (kind) => {
    expect(may("pool", "ec2:RunInstances", ec2(kind), ours("RequestTag"))).toBe(true);
    expect(may("pool", "ec2:RunInstances", ec2(kind))).toBe(false);
    expect(may("pool", "ec2:RunInstances", ec2(kind), otherCluster("RequestTag"))).toBe(false);
  });

  test("takes any image, subnet and security group", () => {
    expect(may("pool", "ec2:RunInstances", `arn:aws:ec2:${REGION}::image/ami-1`)).toBe(true);
    for (const kind of ["subnet", "security-group"]) expect(may("pool", "ec2:RunInstances", ec2(kind))).toBe(true);
  });

  test("gives node roles only, and to EC2 only", () => {
    const toEc2 = { "iam:PassedToService": "ec2.amazonaws.com" };
    const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    expect(may("pool", "iam:PassRole", role("node-role"), toEc2)).toBe(true);
    expect(may("pool", "iam:PassRole", role("eksctl-my-cluster-nodegroup-ng-NodeInstanceRole-1AB"), toEc2)).toBe(true);
    expect(may("pool", "iam:PassRole", role("Admin"), toEc2)).toBe(false);
    const toLambda = { "iam:PassedToService": "lambda.amazonaws.com" };
    expect(may("pool", "iam:PassRole", role("node-role"), toLambda)).toBe(false);
  });

  test("tags what it makes, while it makes it", () => {
    const launching = { ...ours("RequestTag"), "ec2:CreateAction": "RunInstances" };
    expect(may("pool", "ec2:CreateTags", ec2("volume"), launching)).toBe(true);
    expect(may("pool", "ec2:CreateTags", ec2("volume"), { ...launching, "ec2:CreateAction": "CreateVolume" })).toBe(
      false,
    );
  });
});

describe("its own instance", () => {
  test("may have the tag changed that mirrors its state", () => {
    const context = { ...ours("ResourceTag"), "aws:TagKeys": ["stratos.sh/state"] };
    expect(may("pool", "ec2:CreateTags", INSTANCE, context)).toBe(true);
    expect(may("demand", "ec2:CreateTags", INSTANCE, context)).toBe(false);
  });
});

describe("instance profiles", () => {
  const profile = (name: string) => `arn:aws:iam::123456789012:instance-profile/${name}`;

  test("are those of the deployment's clusters", () => {
    expect(may("nodeclass", "iam:CreateInstanceProfile", profile("stratos-my-cluster-a"), ours("RequestTag"))).toBe(
      true,
    );
    expect(may("nodeclass", "iam:CreateInstanceProfile", profile("theirs"), ours("RequestTag"))).toBe(false);
    expect(may("nodeclass", "iam:CreateInstanceProfile", profile("stratos-my-cluster-a"))).toBe(false);
  });

  test("of the same name that somebody else made are left alone", () => {
    const name = profile("stratos-my-cluster-a");
    expect(may("nodeclass", "iam:DeleteInstanceProfile", name, ours("ResourceTag"))).toBe(true);
    expect(may("nodeclass", "iam:DeleteInstanceProfile", name)).toBe(false);
  });
});

test("no call leaves the deployment's region", () => {
  const elsewhere = { "aws:RequestedRegion": "eu-west-1" };
  expect(may("pool", "ec2:DescribeInstances", "*")).toBe(true);
  expect(may("pool", "ec2:DescribeInstances", "*", elsewhere)).toBe(false);
});
