import { describe, expect, test } from "vitest";
import { FUNCTION_NAMES } from "../../infra/functions.ts";
import { actionsOf, statementsOf, synthesized } from "./synthesized.ts";

const template = synthesized();
const allStatements = Object.values(template.findResources("AWS::IAM::Policy")).flatMap(
  ({ Properties }) => Properties.PolicyDocument.Statement,
);
const statementsFor = (name: string, action: string) =>
  statementsOf(template, name).filter((statement) => actionsOf(statement).includes(action));

const isTrace = (action: string) => action.startsWith("xray:Put");

describe("permissions", () => {
  test("list each action without wildcards", () => {
    expect(allStatements.length).toBeGreaterThan(20);
    expect(allStatements.flatMap(actionsOf).filter((action) => action.includes("*"))).toEqual([]);
  });

  test("cover all resources only for Describe calls and traces, which have no resource-level permissions", () => {
    const unrestricted = allStatements.filter(({ Resource }) => [Resource].flat().includes("*"));
    expect(
      unrestricted
        .flatMap(actionsOf)
        .filter((action) => !isTrace(action))
        .every((action) => action.startsWith("ec2:Describe")),
    ).toBe(true);
    expect(unrestricted.every(({ Condition }) => Condition?.StringEquals?.["aws:RequestedRegion"])).toBe(true);
  });

  test("never allow scanning the table", () => {
    expect(allStatements.flatMap(actionsOf)).not.toContain("dynamodb:Scan");
  });

  test("allow each function to write only its own logs", () => {
    for (const name of FUNCTION_NAMES) expect(statementsFor(name, "logs:PutLogEvents")).toHaveLength(1);
  });
});

describe("launching", () => {
  const TAGGED = {
    StringEquals: { "aws:RequestTag/managed-by": "stratos", "aws:RequestTag/stratos.sh/cluster": ["my-cluster"] },
    StringLike: { "aws:RequestTag/stratos.sh/pool": "?*" },
  };

  test("creates instances, volumes and network interfaces only with a pool's tags", () => {
    const launched = statementsFor("pool", "ec2:RunInstances").filter(({ Condition }) => Condition);
    expect(launched).toHaveLength(1);
    expect(launched[0]?.Condition).toEqual(TAGGED);
    const kinds = [launched[0]?.Resource].flat().map((arn) => JSON.stringify(arn).match(/:([a-z-]+)\/\*/)?.[1]);
    expect(kinds).toEqual(["instance", "volume", "network-interface"]);
  });

  test("needs no tags on existing resources, which do not include instances", () => {
    const [from] = statementsFor("pool", "ec2:RunInstances").filter(({ Condition }) => !Condition);
    expect(JSON.stringify(from?.Resource)).toMatch(/image\/\*.*subnet\/\*.*security-group\/\*/);
    expect(JSON.stringify(from?.Resource)).not.toMatch(/:(instance|volume)\//);
  });

  test("sets tags in the launch call; later only the tags that mirror the record, on Stratos's own instances", () => {
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
    expect(pass?.Condition).toEqual({
      StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] },
    });
    expect(JSON.stringify(pass?.Resource)).toContain(":role/node-role");
  });
});

describe("instances", () => {
  test.each(["ec2:StartInstances", "ec2:StopInstances", "ec2:TerminateInstances"])(
    "%s requires Stratos's tags",
    (action) => {
      const statements = allStatements.filter((statement) => actionsOf(statement).includes(action));
      expect(statements.length).toBeGreaterThan(0);
      for (const { Condition } of statements) {
        expect(Condition?.StringEquals).toMatchObject({ "aws:ResourceTag/managed-by": "stratos" });
      }
    },
  );

  test("only the functions that start instances may change an attribute: the type, of Stratos's own", () => {
    const allowed = FUNCTION_NAMES.filter((name) => statementsFor(name, "ec2:ModifyInstanceAttribute").length > 0);
    expect(allowed).toEqual(FUNCTION_NAMES.filter((name) => statementsFor(name, "ec2:StartInstances").length > 0));
    for (const { Action, Condition } of allStatements.filter((one) =>
      actionsOf(one).includes("ec2:ModifyInstanceAttribute"),
    )) {
      expect(Action).toBe("ec2:ModifyInstanceAttribute");
      expect(Condition?.StringEquals).toEqual({
        "aws:ResourceTag/managed-by": "stratos",
        "aws:ResourceTag/stratos.sh/cluster": ["my-cluster"],
        "ec2:Attribute": "InstanceType",
      });
    }
  });

  test("demand may start instances, but not stop, terminate or launch them", () => {
    const actions = statementsOf(template, "demand").flatMap(actionsOf);
    expect(actions).toContain("ec2:StartInstances");
    expect(actions).not.toContain("ec2:StopInstances");
    expect(actions).not.toContain("ec2:TerminateInstances");
    expect(actions).not.toContain("ec2:RunInstances");
  });

  test.each([
    ["ec2-events", ["dynamodb:PutItem", "sqs:SendMessage"]],
    ["sweep", ["sqs:SendMessage"]],
  ])("%s changes nothing but queues, and notices", (name, expected) => {
    const changing = statementsOf(template, name)
      .flatMap(actionsOf)
      .filter((action) => !isTrace(action) && !/:(Describe|Query|CreateLogStream|PutLogEvents)/.test(action));
    expect([...new Set(changing)].sort()).toEqual(expected);
  });

  test("ec2-events writes only items of whole clusters", () => {
    const [notices] = statementsOf(template, "ec2-events").filter(({ Sid }) => Sid === "RecordNotices");
    expect(notices?.Condition).toEqual({
      "ForAllValues:StringEquals": {
        "dynamodb:LeadingKeys": expect.arrayContaining([expect.stringMatching(/^CLUSTER#/)]),
      },
    });
  });
});
