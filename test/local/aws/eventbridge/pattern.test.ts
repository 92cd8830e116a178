import { describe, expect, test } from "vitest";
import { compilePattern } from "../../../../local/aws/eventbridge/pattern.ts";

const event = {
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  resources: ["arn:aws:ec2:us-east-1:123456789012:instance/i-1"],
  detail: {
    "instance-id": "i-1",
    state: "stopped",
    count: 3,
    flag: null,
    empty: [],
    parts: [{ kind: "a" }, { kind: "b" }],
  },
};

const detail = (fields: object) => compilePattern({ detail: fields })(event);

describe("a pattern", () => {
  test("matches if every field has one of its alternatives", () => {
    const pattern = { source: ["aws.ec2", "aws.ecs"], detail: { state: ["running", "stopped"] } };
    expect(compilePattern(pattern)(event)).toBe(true);
    expect(compilePattern({ ...pattern, source: ["stratos.forwarder"] })(event)).toBe(false);
  });

  test("matches an array if one of its elements matches", () => {
    expect(compilePattern({ resources: [{ suffix: "instance/i-1" }] })(event)).toBe(true);
    expect(detail({ parts: { kind: ["b"] } })).toBe(true);
    expect(detail({ parts: { kind: ["c"] } })).toBe(false);
  });

  test("matches if one of the patterns in $or does", () => {
    expect(detail({ $or: [{ state: ["running"] }, { count: [3] }] })).toBe(true);
    expect(detail({ $or: [{ state: ["running"] }, { count: [4] }] })).toBe(false);
  });

  test.each<[string, object, boolean]>([
    ["a number does not equal its text", { count: ["3"] }, false],
    ["null is a value", { flag: [null] }, true],
    ["prefix", { state: [{ prefix: "sto" }] }, true],
    ["prefix, ignoring case", { state: [{ prefix: { "equals-ignore-case": "STO" } }] }, true],
    ["suffix", { state: [{ suffix: "running" }] }, false],
    ["equals-ignore-case", { state: [{ "equals-ignore-case": "Stopped" }] }, true],
    ["wildcard", { state: [{ wildcard: "st*d" }] }, true],
    ["wildcard over the whole value", { state: [{ wildcard: "st*p" }] }, false],
    ["anything-but a value", { state: [{ "anything-but": "stopped" }] }, false],
    ["anything-but a list", { state: [{ "anything-but": ["running", "pending"] }] }, true],
    ["anything-but a prefix", { state: [{ "anything-but": { prefix: "sto" } }] }, false],
    ["anything-but on a missing field", { missing: [{ "anything-but": "x" }] }, false],
    ["numeric range", { count: [{ numeric: [">", 2, "<=", 3] }] }, true],
    ["numeric equality", { count: [{ numeric: ["=", 4] }] }, false],
    ["exists", { state: [{ exists: true }] }, true],
    ["exists on an empty array", { empty: [{ exists: true }] }, false],
    ["exists: false", { missing: [{ exists: false }] }, true],
    ["exists: false below a missing object", { missing: { deep: [{ exists: false }] } }, true],
  ])("%s", (_, fields, matches) => {
    expect(detail(fields)).toBe(matches);
  });

  test.each([
    ["not an object", "text"],
    ["empty", {}],
    ["a bare value", { source: "aws.ec2" }],
    ["an empty list", { source: [] }],
    ["an unknown operator", { source: [{ regex: ".*" }] }],
    ["a wrong operand", { detail: { count: [{ numeric: [">", "2"] }] } }],
  ])("is rejected: %s", (_, pattern) => {
    expect(() => compilePattern(pattern)).toThrow(/Event pattern is not valid/);
  });
});
