import { describe, expect, it } from "vitest";
import type { ConditionContext } from "../../../../../local/aws/gateway/service.ts";
import { decide } from "../../../../../local/aws/iam/policy/evaluate.ts";
import { readPolicy } from "../../../../../local/aws/iam/policy/policy.ts";

const INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance/i-1";

const ask = (
  statements: object | object[],
  { action = "ec2:StartInstances", resource = INSTANCE, context = {} as ConditionContext } = {},
) => decide(readPolicy({ Statement: statements }), { action, resource, context });

const allow = (more: object = {}) => ({ Effect: "Allow", Action: "ec2:StartInstances", Resource: "*", ...more });

describe("policy evaluation", () => {
  it("denies an action that no statement allows", () => {
    expect(ask([])).toBe("implicitDeny");
    expect(ask(allow(), { action: "ec2:StopInstances" })).toBe("implicitDeny");
  });

  it("matches actions in any case and with wildcards", () => {
    expect(ask(allow({ Action: ["EC2:start*"] }))).toBe("allowed");
    expect(ask(allow({ Action: "ec2:?tartInstances" }))).toBe("allowed");
    expect(ask(allow({ Action: "ec2:Start" }))).toBe("implicitDeny");
  });

  it("matches resources with wildcards", () => {
    expect(ask(allow({ Resource: "arn:aws:ec2:*:123456789012:instance/*" }))).toBe("allowed");
    expect(ask(allow({ Resource: "arn:aws:ec2:*:123456789012:volume/*" }))).toBe("implicitDeny");
  });

  it("lets an explicit deny win", () => {
    expect(ask([allow(), { Effect: "Deny", Action: "*", Resource: "*" }])).toBe("explicitDeny");
  });

  it("applies NotAction and NotResource to everything else", () => {
    expect(ask(allow({ Action: undefined, NotAction: "iam:*" }))).toBe("allowed");
    expect(ask(allow({ Action: undefined, NotAction: "ec2:*" }))).toBe("implicitDeny");
    expect(ask(allow({ Resource: undefined, NotResource: "*instance/i-1" }))).toBe("implicitDeny");
  });

  it("throws on unsupported elements and operators", () => {
    expect(() => ask(allow({ Conditions: {} }))).toThrow("no support for Conditions");
    expect(() => ask(allow({ Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }))).toThrow("IpAddress");
  });
});

describe("conditions", () => {
  const tagged = { "aws:ResourceTag/managed-by": "stratos", "aws:TagKeys": ["Name", "stratos.sh/pool"], count: "5" };
  const cases: [string, object, ConditionContext, boolean][] = [
    ["equal text", { StringEquals: { "aws:ResourceTag/managed-by": "stratos" } }, tagged, true],
    ["one of several", { StringEquals: { "aws:ResourceTag/managed-by": ["x", "stratos"] } }, tagged, true],
    ["keys in any case", { StringEquals: { "AWS:resourcetag/managed-by": "stratos" } }, tagged, true],
    ["other text", { StringEquals: { "aws:ResourceTag/managed-by": "other" } }, tagged, false],
    ["an absent key", { StringEquals: { "aws:ResourceTag/x": "y" } }, tagged, false],
    ["an absent key with IfExists", { StringEqualsIfExists: { "aws:ResourceTag/x": "y" } }, tagged, true],
    ["a pattern", { StringLike: { "aws:ResourceTag/managed-by": "str*s" } }, tagged, true],
    ["not equal to an absent key", { StringNotEquals: { "aws:ResourceTag/x": "y" } }, tagged, true],
    ["not equal", { StringNotEquals: { "aws:ResourceTag/managed-by": ["stratos", "x"] } }, tagged, false],
    [
      "two keys, one of which fails",
      { StringEquals: { "aws:ResourceTag/managed-by": "stratos", count: "6" } },
      tagged,
      false,
    ],
    [
      "all values allowed",
      { "ForAllValues:StringEquals": { "aws:TagKeys": ["Name", "stratos.sh/pool"] } },
      tagged,
      true,
    ],
    ["a value not allowed", { "ForAllValues:StringEquals": { "aws:TagKeys": ["Name"] } }, tagged, false],
    ["all of no values", { "ForAllValues:StringEquals": { "aws:TagKeys": ["Name"] } }, {}, true],
    ["any value", { "ForAnyValue:StringLike": { "aws:TagKeys": "stratos.sh/*" } }, tagged, true],
    ["any of no values", { "ForAnyValue:StringLike": { "aws:TagKeys": "*" } }, {}, false],
    ["an ARN", { ArnLike: { source: "arn:aws:events:*:*:rule/a*" } }, { source: "arn:aws:events:r:1:rule/ab" }, true],
    [
      "an ARN part by part",
      { ArnLike: { source: "arn:aws:*:rule/a" } },
      { source: "arn:aws:events:r:1:rule/a" },
      false,
    ],
    ["null of an absent key", { Null: { "aws:TagKeys": "true" } }, {}, true],
    ["null of a present key", { Null: { "aws:TagKeys": "true" } }, tagged, false],
    ["bool", { Bool: { "aws:SecureTransport": "false" } }, { "aws:SecureTransport": "true" }, false],
    ["numbers", { NumericLessThanEquals: { count: "10" } }, tagged, true],
    ["too large a number", { NumericLessThan: { count: 5 } }, tagged, false],
    ["a policy variable", { StringEquals: { a: "x-$" + "{b}" } }, { a: "x-1", b: "1" }, true],
  ];
  it.each(cases)("%s", (_, Condition, context, expected) => {
    expect(ask(allow({ Condition }), { context })).toBe(expected ? "allowed" : "implicitDeny");
  });
});
