import { describe, expect, test } from "vitest";
import { checkInput, renderInput } from "../../../../local/aws/eventbridge/target-input.ts";
import type { BusEvent } from "../../../../local/aws/gateway/service.ts";

const event: BusEvent = {
  version: "0",
  id: "1",
  "detail-type": "Node Changed",
  source: "stratos.forwarder",
  account: "123456789012",
  time: "2026-11-24T00:00:00Z",
  region: "us-east-1",
  resources: ["arn:one"],
  detail: { cluster: "my-cluster", pool: 'a"b', count: 2, nested: { x: "y" } },
};
const rule = { name: "node-changed", arn: "arn:rule" };
const render = (target: Parameters<typeof renderInput>[0]) => renderInput(target, event, rule, "2026-11-24T00:00:01Z");

const transform = (InputTemplate: string) => {
  const InputPathsMap = {
    cluster: "$.detail.cluster",
    "detail-pool": "$.detail.pool",
    count: "$.detail.count",
    nested: "$.detail.nested",
    first: "$.resources[0]",
    missing: "$.detail.missing",
  };
  return render({ InputTransformer: { InputPathsMap, InputTemplate } });
};

describe("a target's input", () => {
  test("is the whole event by default, a part by InputPath, or a constant", () => {
    expect(JSON.parse(render({}))).toEqual(event);
    expect(render({ InputPath: "$.detail.nested" })).toBe('{"x":"y"}');
    expect(render({ Input: '{"constant":true}' })).toBe('{"constant":true}');
  });

  test.each([
    ["text inside quotation marks, escaped", '{"key":"<cluster>/<detail-pool>"}', { key: 'my-cluster/a"b' }],
    [
      "JSON outside quotation marks",
      '{"c":<cluster>,"n":<count>,"o":<nested>}',
      { c: "my-cluster", n: 2, o: { x: "y" } },
    ],
    ["an empty string for a missing value", '{"a":"<missing>","b":<missing>}', { a: "", b: "" }],
    ["array elements", '{"a":<first>}', { a: "arn:one" }],
    ["predefined variables", '{"r":<aws.events.rule-arn>,"e":<aws.events.event.json>}', { r: "arn:rule", e: event }],
    ["a quoted sentence as JSON text", '"<cluster> has <count>"', "my-cluster has 2"],
    ["text that only looks like a variable", '{"a":"1 < 2 <unknown>"}', { a: "1 < 2 <unknown>" }],
  ])("fills a template with %s", (_, template, filled) => {
    expect(JSON.parse(transform(template))).toEqual(filled);
  });

  test.each([
    ["two inputs", { Input: "{}", InputPath: "$" }],
    ["a constant that is not JSON", { Input: "{" }],
    ["an invalid path", { InputPath: "detail.x" }],
    ["an undefined variable", { InputTransformer: { InputTemplate: '{"a":"<b>"}' } }],
    ["a template that is not JSON", { InputTransformer: { InputTemplate: '{"a":}' } }],
  ])("is rejected: %s", (_, target) => {
    expect(() => checkInput(target)).toThrow();
  });
});
