import { describe, expect, test } from "vitest";
import { readDeployment } from "../../infra/deployment.ts";

const PRIVATE = { vpcId: "vpc-1", subnetIds: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] };

describe("clusters in the context", () => {
  test("may be a value, as in cdk.json, or text, as on the command line", () => {
    const clusters = [{ name: "my-cluster" }];
    expect(readDeployment(clusters)).toEqual(readDeployment(JSON.stringify(clusters)));
  });

  test("default to the node roles of the EKS and eksctl guides, and no other roles of the account", () => {
    const [cluster] = readDeployment([{ name: "blue" }]).clusters;
    expect(cluster?.nodeRoles).toContain("node-role");
    expect(cluster?.nodeRoles).toContain("eksctl-blue-*NodeInstanceRole*");
    expect(cluster?.nodeRoles).not.toContain("*");
  });

  test("share the region of the one that sets it", () => {
    expect(readDeployment([{ name: "a" }, { name: "b", region: "eu-west-1" }]).region).toBe("eu-west-1");
    expect(readDeployment([{ name: "a" }]).region).toBeUndefined();
  });

  test("put functions into a VPC only if a cluster has a private endpoint", () => {
    expect(readDeployment([{ name: "a" }]).network).toBeUndefined();
    expect(readDeployment([{ name: "a" }, { name: "b", private: PRIVATE }]).network).toEqual(PRIVATE);
  });
});

describe("an invalid context is rejected with the field, the value found and what is allowed", () => {
  test.each([
    ["nothing", undefined, /clusters: found nothing; allowed: a list of 1 to 40 clusters/],
    ["no clusters", [], /clusters: found \[\]; allowed: a list of 1 to 40/],
    ["text that is not JSON", "my-cluster", /clusters: found "my-cluster"; allowed: JSON such as/],
    ["a cluster that is a string", ["a"], /clusters\[0\]: found "a"; allowed: an object with name, region/],
    ["a cluster without a name", [{}], /clusters\[0\]\.name: found nothing; allowed: the name of an EKS cluster/],
    ["an invalid cluster name", [{ name: "a b" }], /clusters\[0\]\.name: found "a b"/],
    ["an unknown field", [{ name: "a", vpc: "v" }], /clusters\[0\]\.vpc: found "v"; allowed: name, region/],
    ["the same name twice", [{ name: "a" }, { name: "a" }], /clusters\[1\]\.name: found "a"/],
    [
      "an account that is none",
      [{ name: "a", account: "12" }],
      /clusters\[0\]\.account: found "12"; allowed: an account's/,
    ],
    [
      "another account than the deployment's, which is unknown",
      [{ name: "a", account: "222222222222" }],
      /region: found nothing; allowed: the deployment's own region, because cluster a is elsewhere/,
    ],
    ["an invalid region", [{ name: "a", region: "useast1" }], /clusters\[0\]\.region: found "useast1"/],
    [
      "two regions",
      [
        { name: "a", region: "us-east-1" },
        { name: "b", region: "eu-west-1" },
      ],
      /clusters\[1\]\.region: found "eu-west-1"; allowed: us-east-1; for several, set region, the deployment's own, too/,
    ],
    [
      "two VPCs",
      [
        { name: "a", private: PRIVATE },
        { name: "b", private: { ...PRIVATE, vpcId: "vpc-2" } },
      ],
      /clusters\[1\]\.private: found .*vpc-2.*; allowed: .*vpc-1/,
    ],
    [
      "an invalid subnet id",
      [{ name: "a", private: { ...PRIVATE, subnetIds: ["net"] } }],
      /clusters\[0\]\.private\.subnetIds\[0\]: found "net"/,
    ],
    [
      "a key that AWS manages, which needs no permission",
      [{ name: "a", kmsKeys: ["alias/aws/ebs"] }],
      /clusters\[0\]\.kmsKeys\[0\]: found "alias\/aws\/ebs"; allowed: the ARN of a customer-managed KMS key/,
    ],
    [
      "a key's id, which does not name its account",
      [{ name: "a", kmsKeys: ["1234abcd"] }],
      /kmsKeys\[0\]: found "1234/,
    ],
    ["every role of the account", [{ name: "a", nodeRoles: ["*"] }], /clusters\[0\]\.nodeRoles\[0\]: found "\*"/],
  ])("%s", (_, clusters, message) => {
    expect(() => readDeployment(clusters)).toThrow(message);
  });

  test.each([
    ["a topic that is no ARN", { alarmTopic: "pages" }, /alarmTopic: found "pages"; allowed: the ARN of an SNS topic/],
    ["an address that is none", { alarmEmail: "sre" }, /alarmEmail: found "sre"; allowed: an email address/],
    [
      "both of them",
      { alarmTopic: "arn:aws:sns:us-east-1:123456789012:pages", alarmEmail: "sre@example.org" },
      /alarmEmail: found "sre@example.org"; allowed: nothing beside alarmTopic/,
    ],
    [
      "a switch that is neither on nor off",
      { deletionProtection: "no" },
      /deletionProtection: found "no"; allowed: true/,
    ],
    [
      "days that CloudWatch Logs does not offer",
      { logRetentionDays: 31 },
      /logRetentionDays: found 31; allowed: one of 1, 3/,
    ],
    ["a misspelt name", { logRetention: 7 }, /logRetention: found 7; allowed: clusters, .* logRetentionDays/],
    [
      "a field of a cluster",
      { kmsKeys: ["alias/nodes"] },
      /kmsKeys: found \["alias\/nodes"\]; allowed: clusters, in which each entry has its own fields/,
    ],
  ])("as an option, %s", (_, options, message) => {
    expect(() => readDeployment([{ name: "a" }], options)).toThrow(message);
  });
});
