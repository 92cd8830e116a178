import { describe, expect, it } from "vitest";
import { creationOrder } from "../../../../local/aws/cloudformation/creation-order.ts";

describe("creation order", () => {
  it("creates each resource after those it refers to or depends on", () => {
    const order = creationOrder({
      Function: { Type: "F", Properties: { Role: { "Fn::GetAtt": ["Role", "Arn"] } }, DependsOn: ["Policy"] },
      Policy: { Type: "P", Properties: { Roles: [{ Ref: "Role" }], Region: { Ref: "AWS::Region" } } },
      Role: { Type: "R" },
    });
    expect(order).toEqual(["Role", "Policy", "Function"]);
  });

  it("names the resources of a cycle", () => {
    const a = { Type: "A", DependsOn: "B" };
    const b = { Type: "B", Properties: { x: { Ref: "A" } } };
    expect(() => creationOrder({ A: a, B: b })).toThrow("A → B → A");
  });
});
