import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { anApp } from "./synthesized.ts";

const PRIVATE = { vpcId: "vpc-1", subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };

describe("AWS best practices (cdk-nag)", () => {
  test.each<[string, unknown, object?]>([
    ["one cluster", [{ name: "my-cluster" }]],
    ["two clusters in an explicit region", [{ name: "a", region: "eu-west-1" }, { name: "b" }]],
    ["a private endpoint", [{ name: "a", private: PRIVATE, nodeRoles: ["Nodes*"] }]],
    ["keys", [{ name: "a", kmsKeys: ["alias/nodes", "arn:aws:kms:us-east-1:123456789012:key/a"] }]],
    [
      "clusters elsewhere",
      [{ name: "a" }, { name: "b", account: "222222222222", kmsKeys: ["alias/nodes"] }],
      { account: "111111111111", region: "us-east-1" },
    ],
    ["alarms by email", [{ name: "a" }], { alarmEmail: "sre@example.org" }],
  ])("are met, or acknowledged with a reason, for %s", (_, clusters, options = {}) => {
    const { violations } = new AwsSolutionsChecks().validateScope(anApp(clusters, options));
    expect(violations).toEqual([]);
  });
});
