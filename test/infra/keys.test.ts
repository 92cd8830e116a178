/** Customer-managed KMS keys of the nodes' volumes, used as EC2 uses them: in the name of the function that launches or starts. */
import { StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, type Region } from "../local/aws/ec2/region.ts";
import { runningInstances, stateOf, stoppedInstances } from "../local/aws/ec2/steps.ts";
import { REGION, whatMayBeDone } from "./evaluate.ts";
import { synthesized } from "./synthesized.ts";

const KEY = "arn:aws:kms:us-east-1:123456789012:key/nodes";

const keysOf = (...kmsKeys: string[]) => whatMayBeDone(synthesized([{ name: "my-cluster", kmsKeys }]));

const encrypted = (KmsKeyId: string) => ({
  BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { Encrypted: true, KmsKeyId } }],
});

const started = async (region: Region, ids: string[]): Promise<unknown> => {
  await region.client.send(new StartInstancesCommand({ InstanceIds: ids }));
  await region.clock.sleep(20_000);
  return stateOf(region, ids[0] ?? "");
};

describe.each([
  ["an ARN", KEY],
  ["an alias", "alias/nodes"],
  ["the ARN of an alias", "arn:aws:kms:us-east-1:123456789012:alias/nodes"],
])("a key that the context names by %s", (_, kmsKey) => {
  const isAllowed = keysOf(kmsKey);
  const regionOf = (name: string) =>
    aRegion({
      deny: ({ action, resource, context }) => action.startsWith("kms:") && !isAllowed(name, action, resource, context),
    });

  test("lets the pool function launch", async () => {
    const region = await regionOf("pool");
    const [own = "", other = ""] = [
      ...(await runningInstances(region, encrypted(KEY))),
      ...(await runningInstances(region, encrypted("other"))),
    ];
    expect([await stateOf(region, own), await stateOf(region, other)]).toEqual(["running", "terminated"]);
  });

  test("lets the demand function start", async () => {
    const region = await regionOf("demand");
    expect(await started(region, await stoppedInstances(region, encrypted(KEY)))).toBe("running");
  });

  test.each(["nodeclass", "ec2-events", "sweep"])("cannot be used by %s", (name) => {
    const throughEc2 = { "kms:ViaService": `ec2.${REGION}.amazonaws.com`, "kms:ResourceAliases": "alias/nodes" };
    expect(isAllowed("pool", "kms:Decrypt", KEY, throughEc2)).toBe(true);
    expect(isAllowed(name, "kms:Decrypt", KEY, throughEc2)).toBe(false);
  });

  test("is used by EC2 only, and granted to AWS resources only", () => {
    const aliases = { "kms:ResourceAliases": "alias/nodes" };
    const throughEc2 = { "kms:ViaService": `ec2.${REGION}.amazonaws.com`, ...aliases };
    expect(isAllowed("pool", "kms:Decrypt", KEY, aliases)).toBe(false);
    expect(isAllowed("pool", "kms:CreateGrant", KEY, throughEc2)).toBe(false);
    expect(isAllowed("pool", "kms:CreateGrant", KEY, { ...throughEc2, "kms:GrantIsForAWSResource": "true" })).toBe(
      true,
    );
  });
});

test("no key can be used without the context", () => {
  const isAllowed = whatMayBeDone(synthesized());
  expect(isAllowed("pool", "kms:Decrypt", KEY, { "kms:ViaService": `ec2.${REGION}.amazonaws.com` })).toBe(false);
});

test("the roles that use keys are outputs, for the policies of keys in other accounts", () => {
  const outputs = synthesized().findOutputs("*");
  expect(Object.keys(outputs)).toEqual(expect.arrayContaining(["DemandRole", "PoolRole"]));
});
