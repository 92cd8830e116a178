import { CreateTagsCommand, DescribeInstancesCommand, StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion } from "./region.ts";
import { launch, stateOf, stoppedInstances } from "./steps.ts";

const OWNED = [
  { Key: "managed-by", Value: "stratos" },
  { Key: "stratos.sh/pool", Value: "workers" },
];

const aTaggedLaunch = {
  IamInstanceProfile: { Name: "node-role" },
  TagSpecifications: ["instance", "volume"].map((ResourceType) => ({ ResourceType, Tags: OWNED })),
};

describe("a launch requires permission", () => {
  test("for each resource that it uses or creates, for its tags and for the role", async () => {
    const region = await aRegion();
    await launch(region, aTaggedLaunch);
    expect(region.gateway.permissionChecks.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      "ec2:RunInstances arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0",
      "ec2:RunInstances arn:aws:ec2:us-east-1:123456789012:subnet/subnet-12345678",
      "ec2:RunInstances arn:aws:ec2:us-east-1:123456789012:security-group/sg-12345678",
      "ec2:RunInstances arn:aws:ec2:us-east-1:123456789012:instance/*",
      "ec2:CreateTags arn:aws:ec2:us-east-1:123456789012:instance/*",
      "ec2:RunInstances arn:aws:ec2:us-east-1:123456789012:volume/*",
      "ec2:CreateTags arn:aws:ec2:us-east-1:123456789012:volume/*",
      "ec2:RunInstances arn:aws:ec2:us-east-1:123456789012:network-interface/*",
      "iam:PassRole arn:aws:iam::123456789012:role/node-role",
    ]);
  });

  test("with conditions on tags, instance type and the service that gets the role", async () => {
    const region = await aRegion();
    await launch(region, aTaggedLaunch);
    const contextOf = (action: string, kind: string) =>
      region.gateway.permissionChecks.find(
        ({ action: checked, resource }) => checked === action && resource.includes(kind),
      )?.context;
    expect(contextOf("ec2:RunInstances", ":instance/")).toMatchObject({
      "aws:RequestTag/managed-by": "stratos",
      "aws:TagKeys": ["managed-by", "stratos.sh/pool"],
      "ec2:InstanceType": "m5.large",
      "ec2:Region": "us-east-1",
    });
    expect(contextOf("ec2:RunInstances", ":subnet/")).toMatchObject({
      "aws:ResourceTag/stratos.sh/discovery": "my-cluster",
    });
    expect(contextOf("ec2:CreateTags", ":volume/")).toMatchObject({ "ec2:CreateAction": "RunInstances" });
    expect(contextOf("iam:PassRole", "role/")).toMatchObject({ "iam:PassedToService": "ec2.amazonaws.com" });

    expect(contextOf("ec2:RunInstances", ":network-interface/")).toMatchObject({ "aws:TagKeys": undefined });
  });

  test.each(["instance/*", "volume/*", "subnet/", "image/", "role/node-role"])(
    "and is denied without permission for %s",
    async (part) => {
      const region = await aRegion({ deny: ({ resource }) => resource.includes(part) });
      await expect(launch(region, aTaggedLaunch)).rejects.toMatchObject({
        name: "UnauthorizedOperation",
        message: expect.stringContaining(
          "You are not authorized to perform this operation. User: test is not authorized",
        ),
        $metadata: { httpStatusCode: 403 },
      });
      expect(region.ec2.machines.list()).toEqual([]);
    },
  );

  test("even for a dry run", async () => {
    const region = await aRegion({ deny: ({ action }) => action === "iam:PassRole" });
    await expect(launch(region, { ...aTaggedLaunch, DryRun: true })).rejects.toMatchObject({
      name: "UnauthorizedOperation",
    });
  });
});

describe("permission by an instance's tags", () => {
  const onlyOwned = {
    deny: ({ action, context }: { action: string; context: Readonly<Record<string, unknown>> }) =>
      action === "ec2:StartInstances" && context["aws:ResourceTag/managed-by"] !== "stratos",
  };

  test("allows starting owned instances", async () => {
    const region = await aRegion(onlyOwned);
    const InstanceIds = await stoppedInstances(region, aTaggedLaunch);
    await region.client.send(new StartInstancesCommand({ InstanceIds }));
    expect(await stateOf(region, InstanceIds[0] ?? "")).toBe("pending");
  });

  test("starts none of a batch that contains an unmanaged instance", async () => {
    const region = await aRegion(onlyOwned);
    const owned = await stoppedInstances(region, aTaggedLaunch);
    const unmanaged = await stoppedInstances(region);
    const start = region.client.send(new StartInstancesCommand({ InstanceIds: [...owned, ...unmanaged] }));
    await expect(start).rejects.toMatchObject({ name: "UnauthorizedOperation" });
    expect(await stateOf(region, owned[0] ?? "")).toBe("stopped");
  });
});

test("tagging an instance authorizes with its ARN, its tags and the new keys", async () => {
  const region = await aRegion();
  const [id = ""] = await launch(region, aTaggedLaunch);
  await region.client.send(
    new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "stratos.sh/state", Value: "standby" }] }),
  );
  expect(region.gateway.permissionChecks.at(-1)).toMatchObject({
    action: "ec2:CreateTags",
    resource: `arn:aws:ec2:us-east-1:123456789012:instance/${id}`,
    context: {
      "aws:ResourceTag/managed-by": "stratos",
      "aws:RequestTag/stratos.sh/state": "standby",
      "aws:TagKeys": ["stratos.sh/state"],
    },
  });
});

test("describe calls are authorized on all resources", async () => {
  const region = await aRegion({ deny: ({ action }) => action === "ec2:DescribeInstances" });
  await expect(region.client.send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
    name: "UnauthorizedOperation",
  });
  expect(region.gateway.permissionChecks).toMatchObject([{ resource: "*" }]);
});
