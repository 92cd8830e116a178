import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../infra/bundle.ts";
import { actionsOf, statementsOf, synthesized } from "./synthesized.ts";

/** IAM's limit on all inline policies of a role together, without white space. */
const MAX_POLICY_CHARACTERS = 10_240;

const template = synthesized();
const allStatements = Object.values(template.findResources("AWS::IAM::Policy")).flatMap(
  ({ Properties }) => Properties.PolicyDocument.Statement,
);
const statementsFor = (name: string, action: string) =>
  statementsOf(template, name).filter((statement) => actionsOf(statement).includes(action));

describe("permissions", () => {
  test("name each action: there is no wildcard among them", () => {
    expect(allStatements.length).toBeGreaterThan(20);
    expect(allStatements.flatMap(actionsOf).filter((action) => action.includes("*"))).toEqual([]);
  });

  test("are for every resource only where AWS knows no others: to describe", () => {
    const unlimited = allStatements.filter(({ Resource }) => [Resource].flat().includes("*"));
    expect(unlimited.flatMap(actionsOf).every((action) => action.startsWith("ec2:Describe"))).toBe(true);
    expect(unlimited.every(({ Condition }) => Condition?.StringEquals?.["aws:RequestedRegion"])).toBe(true);
  });

  test("never let anybody scan the table", () => {
    expect(allStatements.flatMap(actionsOf)).not.toContain("dynamodb:Scan");
  });

  test("let each function write its logs and nobody else's", () => {
    for (const name of FUNCTION_NAMES) expect(statementsFor(name, "logs:PutLogEvents")).toHaveLength(1);
  });
});

describe("launching", () => {
  const TAGGED = {
    StringEquals: { "aws:RequestTag/managed-by": "stratos", "aws:RequestTag/stratos.sh/cluster": ["my-cluster"] },
    StringLike: { "aws:RequestTag/stratos.sh/pool": "?*" },
  };

  test("makes instances, volumes and network interfaces only with the tags of a pool", () => {
    const launched = statementsFor("pool", "ec2:RunInstances").filter(({ Condition }) => Condition);
    expect(launched).toHaveLength(1);
    expect(launched[0]?.Condition).toEqual(TAGGED);
    const kinds = [launched[0]?.Resource].flat().map((arn) => JSON.stringify(arn).match(/:([a-z-]+)\/\*/)?.[1]);
    expect(kinds).toEqual(["instance", "volume", "network-interface"]);
  });

  test("needs no tags on what is there already, which does not include instances", () => {
    const [from] = statementsFor("pool", "ec2:RunInstances").filter(({ Condition }) => !Condition);
    expect(JSON.stringify(from?.Resource)).toMatch(/image\/\*.*subnet\/\*.*security-group\/\*/);
    expect(JSON.stringify(from?.Resource)).not.toMatch(/:(instance|volume)\//);
  });

  test("tags in the launch call; later only the tags that mirror the record, only on own instances", () => {
    const [launching, later] = statementsFor("pool", "ec2:CreateTags");
    expect(launching?.Condition?.StringEquals).toEqual({
      ...TAGGED.StringEquals,
      "ec2:CreateAction": "RunInstances",
    });
    expect(later?.Condition?.StringEquals).toEqual({
      "aws:ResourceTag/managed-by": "stratos",
      "aws:ResourceTag/stratos.sh/cluster": ["my-cluster"],
    });
    expect(later?.Condition?.["ForAllValues:StringEquals"]?.["aws:TagKeys"]).not.toContain("stratos.sh/cluster");
  });

  test("passes node roles to EC2 and to no other service", () => {
    const [pass] = statementsFor("pool", "iam:PassRole");
    expect(pass?.Condition).toEqual({ StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } });
    expect(JSON.stringify(pass?.Resource)).toContain(":role/node-role");
  });
});

describe("instances", () => {
  test.each(["ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"])("%s needs our tags", (action) => {
    const statements = allStatements.filter((statement) => actionsOf(statement).includes(action));
    expect(statements.length).toBeGreaterThan(0);
    for (const { Condition } of statements) {
      expect(Condition?.StringEquals).toMatchObject({ "aws:ResourceTag/managed-by": "stratos" });
    }
  });

  test("demand may start, but neither stop, terminate nor launch", () => {
    const actions = statementsOf(template, "demand").flatMap(actionsOf);
    expect(actions).toContain("ec2:StartInstances");
    expect(actions).not.toContain("ec2:StopInstances");
    expect(actions).not.toContain("ec2:TerminateInstances");
    expect(actions).not.toContain("ec2:RunInstances");
  });

  test("ec2-events and sweep change nothing but queues", () => {
    for (const name of ["ec2-events", "sweep"]) {
      const changing = statementsOf(template, name)
        .flatMap(actionsOf)
        .filter((action) => !/:(Describe|Query|CreateLogStream|PutLogEvents)/.test(action));
      expect(changing).toEqual(["sqs:SendMessage"]);
    }
  });
});

test("ten clusters, the most there may be, fit into the size that IAM allows a role", () => {
  const clusters = Array.from({ length: 10 }, (_, index) => ({ name: `a-cluster-with-quite-a-long-name-${index}` }));
  const large = synthesized(clusters);
  for (const { Properties } of Object.values(large.findResources("AWS::IAM::Policy"))) {
    const document = JSON.stringify(Properties.PolicyDocument)
      // What intrinsic functions come to: the account's id, a region, a partition.
      .replaceAll(/\{"Fn::Join":\["",\[(.*?)\]\]\}/g, (_, parts) =>
        parts.replaceAll(/","|\{"Ref":"[^"]*"\}|",|,"/g, ""),
      );
    expect(document.length).toBeLessThan(MAX_POLICY_CHARACTERS);
  }
});
