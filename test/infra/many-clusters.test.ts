/** What grows with the number of clusters stays within AWS's limits. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import { resolveIntrinsics } from "../../local/aws/cloudformation/intrinsics.ts";
import { anApp, synthesized } from "./synthesized.ts";

/** "AWS CloudFormation quotas". */
const MAX_RESOURCES = 500;
const MAX_TEMPLATE_BYTES = 1_048_576;
/** "IAM and AWS STS quotas": characters without white space of all inline policies of a role, and of a managed one; how many of these a role has. */
const MAX_INLINE = 10_240;
const MAX_MANAGED = 6_144;
const MAX_ATTACHED = 10;
/** "Amazon SQS policy quotas". */
const MAX_QUEUE_POLICY = 8_192;
const MAX_QUEUE_STATEMENTS = 20;
/** "Lambda quotas": all environment variables of a function. */
const MAX_ENVIRONMENT = 4_096;

const fortyClusters = (nameLength: number) =>
  Array.from({ length: 40 }, (_, index) => ({ name: `cluster-${index}-`.padEnd(nameLength, "x") }));

/** The longest values of each kind. */
const PSEUDO: Readonly<Record<string, string>> = {
  "AWS::Partition": "aws-us-gov",
  "AWS::Region": "ap-southeast-2",
  "AWS::AccountId": "123456789012",
};
const LONGEST_NAME = "x".repeat(80);
const LONGEST_ARN = `arn:aws-us-gov:dynamodb:ap-southeast-2:123456789012:${LONGEST_NAME}`;

const sizeOf = (value: unknown): number =>
  JSON.stringify(
    resolveIntrinsics(value, {
      ref: (name) => PSEUDO[name] ?? LONGEST_NAME,
      getAtt: () => LONGEST_ARN,
      condition: () => false,
      mapping: () => undefined,
      zones: () => [],
    }),
  ).length;

describe("forty clusters", () => {
  const app = anApp(fortyClusters(62));
  const assembly = app.synth();
  const file = readFileSync(join(assembly.directory, "Stratos.template.json"));
  const template = Template.fromJSON(JSON.parse(file.toString()));
  const policies = [
    ...Object.values(template.findResources("AWS::IAM::Policy")),
    ...Object.values(template.findResources("AWS::IAM::ManagedPolicy")),
  ];
  const roles = Object.keys(template.findResources("AWS::IAM::Role"));
  const attachedTo = (role: string, type: string) =>
    policies.filter(({ Type, Properties }) => Type === type && Properties.Roles.some(({ Ref = "" }) => Ref === role));

  test("fit into one stack and its template", () => {
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThanOrEqual(MAX_RESOURCES);
    expect(file.length).toBeLessThan(MAX_TEMPLATE_BYTES);
  });

  test("have policies within IAM's limits", () => {
    expect(roles).toHaveLength(45);
    for (const role of roles) {
      const inline = attachedTo(role, "AWS::IAM::Policy").map(({ Properties }) => sizeOf(Properties.PolicyDocument));
      const managed = attachedTo(role, "AWS::IAM::ManagedPolicy");
      expect(
        inline.reduce((sum, size) => sum + size, 0),
        role,
      ).toBeLessThanOrEqual(MAX_INLINE);
      expect(managed.length, role).toBeLessThanOrEqual(MAX_ATTACHED);
      for (const { Properties } of managed)
        expect(sizeOf(Properties.PolicyDocument), role).toBeLessThanOrEqual(MAX_MANAGED);
    }
  });

  test("are named in the policies one by one, whatever their number", () => {
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const passing = statements.filter(({ Action }) => Action === "iam:PassRole").flatMap(({ Resource }) => Resource);
    const own = fortyClusters(62).map(({ name }) => `:role/KarpenterNodeRole-${name}`);
    const passed = JSON.stringify(passing);
    expect(own.filter((role) => !passed.includes(role))).toEqual([]);
    const sids = policies.map(({ Properties }) => Properties.PolicyDocument.Statement.map(({ Sid = "" }) => Sid));
    for (const of of sids) expect(new Set(of).size).toBe(of.length);
  });

  test("share few statements of the queues' policies", () => {
    for (const { Properties } of Object.values(template.findResources("AWS::SQS::QueuePolicy"))) {
      expect(Properties.PolicyDocument.Statement.length).toBeLessThanOrEqual(MAX_QUEUE_STATEMENTS);
      expect(sizeOf(Properties.PolicyDocument)).toBeLessThan(MAX_QUEUE_POLICY);
    }
  });

  test("fit into the functions' environment", () => {
    for (const { Properties } of Object.values(template.findResources("AWS::Lambda::Function")))
      expect(sizeOf(Properties.Environment.Variables)).toBeLessThan(MAX_ENVIRONMENT);
  });
});

test("names that are too long together are rejected before anything is synthesized", () => {
  expect(() => synthesized(fortyClusters(70))).toThrow(
    /clusters: found "40 clusters with 3281 characters"; allowed: 3000 in the functions' environment/,
  );
});

test("keys and roles that need more policies than a role can have are rejected by synthesis", () => {
  const keys = (cluster: number) =>
    Array.from({ length: 20 }, (_, key) => `arn:aws:kms:us-east-1:123456789012:key/cluster-${cluster}-key-${key}`);
  const clusters = fortyClusters(20).map((cluster, index) => ({ ...cluster, kmsKeys: keys(index) }));
  expect(() => anApp(clusters).synth()).toThrow(
    /kmsKeys of all clusters need \d+ managed policies for function pool; allowed: 10/,
  );
});
