import { DescribeVolumesCommand, StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { decide } from "../../../../local/aws/iam/policy/evaluate.ts";
import { readPolicy } from "../../../../local/aws/iam/policy/policy.ts";
import { aRegion, type Region } from "./region.ts";
import { describeOne, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/own";

const encrypted = (KmsKeyId?: string) => ({
  BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { Encrypted: true, KmsKeyId } }],
});

const withoutKms = { deny: ({ action }: { action: string }) => action.startsWith("kms:") };

const keyOf = async ({ client }: Region, id: string) => {
  const Filters = [{ Name: "attachment.instance-id", Values: [id] }];
  const { Volumes } = await client.send(new DescribeVolumesCommand({ Filters }));
  return Volumes?.[0]?.KmsKeyId;
};

describe("a volume under a customer-managed key", () => {
  test("makes EC2 undo the launch if the caller may not use the key", async () => {
    const region = await aRegion(withoutKms);
    const [id = ""] = await launch(region, encrypted("own"));
    await region.clock.sleep(2000);
    expect(await describeOne(region, id)).toMatchObject({
      State: { Name: "terminated" },
      StateReason: { Code: "Client.InternalError", Message: "Client.InternalError: Client error on launch" },
    });
    expect(region.gateway.permissionChecks.at(-1)).toMatchObject({ action: "ec2:DescribeInstances" });
    expect(region.gateway.permissionChecks.find(({ action }) => action === "kms:CreateGrant")).toMatchObject({
      resource: KEY,
      context: { "kms:GrantIsForAWSResource": "true", "kms:ViaService": "ec2.us-east-1.amazonaws.com" },
    });
  });

  test("makes EC2 undo the start if the caller may not grant its use", async () => {
    let isAllowed = true;
    const region = await aRegion({ deny: ({ action }) => action === "kms:CreateGrant" && !isAllowed });
    const [id = ""] = await stoppedInstances(region, encrypted(KEY));
    isAllowed = false;
    await region.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await region.clock.sleep(2000);
    expect(await describeOne(region, id)).toMatchObject({
      State: { Name: "stopped" },
      StateReason: { Code: "Client.InternalError" },
    });
  });

  test("works for a caller with the documented statements, as IAM evaluates them", async () => {
    const policy = readPolicy({
      Statement: [
        {
          Effect: "Allow",
          Action: ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
          Resource: KEY,
        },
        {
          Effect: "Allow",
          Action: "kms:CreateGrant",
          Resource: KEY,
          Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
        },
      ],
    });
    const region = await aRegion({
      deny: (check) => check.action.startsWith("kms:") && decide(policy, check) !== "allowed",
    });
    const [id = ""] = await runningInstances(region, encrypted(KEY));
    const [other = ""] = await launch(region, encrypted("other"));
    await region.clock.sleep(2000);
    expect([await stateOf(region, id), await stateOf(region, other)]).toEqual(["running", "terminated"]);
  });

  test("works for a caller with the permissions", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, encrypted("own"));
    expect(await stateOf(region, id)).toBe("running");
    expect(await keyOf(region, id)).toBe(KEY);
  });
});

describe("the account's settings", () => {
  test("use the AWS-managed key, which refuses nobody, by default", async () => {
    const region = await aRegion(withoutKms);
    const [id = ""] = await runningInstances(region, encrypted());
    expect(await stateOf(region, id)).toBe("running");
  });

  test("can name a customer-managed key for volumes that name none", async () => {
    const region = await aRegion({ ...withoutKms, encryption: { defaultKeyArn: KEY } });
    const [refused = ""] = await launch(region, encrypted());
    const [plain = ""] = await runningInstances(region);
    expect(await stateOf(region, refused)).toBe("terminated");
    expect(await stateOf(region, plain)).toBe("running");
  });

  test("can encrypt every volume", async () => {
    const region = await aRegion({ encryption: { byDefault: true, defaultKeyArn: KEY } });
    const [id = ""] = await launch(region);
    expect(await keyOf(region, id)).toBe(KEY);
  });
});

test("a key needs an encrypted volume", async () => {
  const region = await aRegion();
  const BlockDeviceMappings = [{ DeviceName: "/dev/xvda", Ebs: { KmsKeyId: KEY } }];
  await expect(launch(region, { BlockDeviceMappings })).rejects.toMatchObject({ name: "InvalidParameterDependency" });
});
