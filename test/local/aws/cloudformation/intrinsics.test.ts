// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax of Fn::Sub
import { describe, expect, it } from "vitest";
import {
  NO_VALUE,
  referencesIn,
  resolveIntrinsics,
  type Scope,
} from "../../../../local/aws/cloudformation/intrinsics.ts";

const scope: Scope = {
  ref: (name) => ({ Queue: "https://queue", "AWS::Region": "us-east-1", "AWS::NoValue": NO_VALUE })[name],
  getAtt: (logicalId, attribute) => `${logicalId}/${attribute}`,
  condition: (name) => name === "IsTrue",
  mapping: (...path) => path.join("."),
  zones: (region) => [`${region}a`],
};

describe("intrinsic functions", () => {
  const cases: [string, unknown, unknown][] = [
    ["Ref", { Ref: "Queue" }, "https://queue"],
    ["Fn::GetAtt", { "Fn::GetAtt": ["Queue", "Arn"] }, "Queue/Arn"],
    ["Fn::GetAtt in its short form", { "Fn::GetAtt": "Queue.Nested.Arn" }, "Queue/Nested.Arn"],
    ["Fn::Join", { "Fn::Join": ["/", ["a", { Ref: "AWS::Region" }]] }, "a/us-east-1"],
    ["Fn::Sub", { "Fn::Sub": "${AWS::Region} ${Queue.Arn} ${!Kept}" }, "us-east-1 Queue/Arn ${Kept}"],
    [
      "Fn::Sub with variables",
      { "Fn::Sub": ["${A}-${Queue}", { A: { Ref: "Queue" } }] },
      "https://queue-https://queue",
    ],
    ["Fn::Select of Fn::Split", { "Fn::Select": ["1", { "Fn::Split": [":", "a:b:c"] }] }, "b"],
    ["Fn::If", { "Fn::If": ["IsTrue", "yes", "no"] }, "yes"],
    ["Fn::FindInMap", { "Fn::FindInMap": ["Map", { Ref: "AWS::Region" }, "key"] }, "Map.us-east-1.key"],
    ["conditions", { "Fn::Not": [{ "Fn::And": [{ Condition: "IsTrue" }, { "Fn::Equals": ["a", "b"] }] }] }, true],
    ["AWS::NoValue", { kept: 1, removed: { Ref: "AWS::NoValue" } }, { kept: 1 }],
    ["a policy's Condition", { Condition: { Bool: { a: "true" } } }, { Condition: { Bool: { a: "true" } } }],
  ];
  it.each(cases)("%s", (_, value, expected) => {
    expect(resolveIntrinsics(value, scope)).toEqual(expected);
  });

  it("throw if they are not supported or name something unknown", () => {
    expect(() => resolveIntrinsics({ "Fn::ImportValue": "x" }, scope)).toThrow("no support for Fn::ImportValue");
    expect(() => resolveIntrinsics({ Ref: "Nothing" }, scope)).toThrow("Nothing");
  });

  it("report the names that they reference", () => {
    const value = {
      a: [{ Ref: "A" }, { "Fn::GetAtt": ["B", "Arn"] }],
      c: { "Fn::Sub": ["${C.Arn} ${V}", { V: { Ref: "D" } }] },
    };
    expect(new Set(referencesIn(value))).toEqual(new Set(["A", "B", "C", "V", "D"]));
  });
});
