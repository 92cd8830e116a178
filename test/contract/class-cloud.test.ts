import { CreateImageCommand, CreateTagsCommand, EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClassCloud } from "../../shared/nodeclass/aws-cloud.ts";
import type { ClassCloud, Subnet } from "../../shared/nodeclass/cloud.ts";
import { type Moto, startMoto } from "./moto.ts";

const START_LIMIT_MS = 90_000;
const TAGS = { "managed-by": "stratos", "stratos.sh/cluster": "my-cluster" };

let moto: Moto;
let ec2: EC2Client;
let iam: IAMClient;
let ssm: SSMClient;
let cloud: ClassCloud;

beforeAll(async () => {
  moto = await startMoto();
  ec2 = new EC2Client(moto.client);
  iam = new IAMClient(moto.client);
  ssm = new SSMClient(moto.client);
  cloud = createClassCloud({ ec2, iam, ssm });
}, START_LIMIT_MS);

afterAll(async () => {
  await moto?.stop();
}, START_LIMIT_MS);

const tag = (id: string, tags: Record<string, string>) =>
  ec2.send(
    new CreateTagsCommand({ Resources: [id], Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
  );

describe("subnets", () => {
  let all: readonly Subnet[];

  beforeAll(async () => {
    all = await cloud.findSubnets({ tags: {} });
  });

  test("are found by id; an id that does not exist is left out, not an error", async () => {
    const id = all[0]?.id ?? "";
    expect(await cloud.findSubnets({ ids: [id, "subnet-0123456789abcdef0"] })).toEqual([all[0]]);
  });

  test("are found by all of their tags, with wildcards", async () => {
    await tag(all[0]?.id ?? "", { team: "ci", tier: "private-a" });
    await tag(all[1]?.id ?? "", { team: "ci", tier: "public-a" });
    expect(await cloud.findSubnets({ tags: { team: "ci" } })).toHaveLength(2);
    expect(await cloud.findSubnets({ tags: { team: "ci", tier: "private-*" } })).toEqual([all[0]]);
    expect(await cloud.findSubnets({ tags: { team: "web" } })).toEqual([]);
  });

  test("have a zone", () => {
    expect(all[0]?.zone).toMatch(/^us-east-1[a-z]$/);
  });
});

test("security groups are found by id and by name; one that does not exist is left out", async () => {
  const [group] = await cloud.findSecurityGroups({ name: "default" });
  expect(group).toMatchObject({ id: expect.stringMatching(/^sg-/), name: "default" });
  expect(await cloud.findSecurityGroups({ ids: [group?.id ?? "", "sg-0123456789abcdef0"] })).toEqual([group]);
});

describe("images", () => {
  test("are found by id, name, tags, owner and architecture; one that does not exist is left out", async () => {
    const [base] = await cloud.findImages({ name: "amzn2-ami-*", owners: ["amazon"], architecture: "x86_64" });
    const launched = await ec2.send(new RunInstancesCommand({ ImageId: base?.id, MinCount: 1, MaxCount: 1 }));
    const InstanceId = launched.Instances?.[0]?.InstanceId;
    const { ImageId = "" } = await ec2.send(new CreateImageCommand({ InstanceId, Name: "ours-1" }));
    await tag(ImageId, { team: "ci" });

    const creationDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    const ours = [{ id: ImageId, creationDate, architecture: "x86_64" }];
    expect(await cloud.findImages({ ids: [ImageId, "ami-0123456789abcdef0"] })).toEqual(ours);
    const search = { owners: ["self"], architecture: "x86_64" };
    expect(await cloud.findImages({ ...search, name: "ours-*", tags: { team: "ci" } })).toEqual(ours);
    expect(await cloud.findImages({ ...search, name: "ours-*", architecture: "arm64" })).toEqual([]);
    expect(await cloud.findImages({ ...search, name: "amzn2-ami-*" })).toEqual([]);
  });
});

test("a parameter is read; one that does not exist is undefined", async () => {
  await ssm.send(new PutParameterCommand({ Name: "/images/ours", Value: "ami-1", Type: "String" }));
  expect(await cloud.readParameter("/images/ours")).toBe("ami-1");
  expect(await cloud.readParameter("/images/theirs")).toBeUndefined();
});

test("an instance profile is created with its tags, given a role and another, and deleted", async () => {
  const name = "stratos-my-cluster-workers";
  for (const RoleName of ["one-role", "other-role"]) {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: "{}" }));
  }
  expect(await cloud.readProfile(name)).toBeUndefined();
  await cloud.createProfile(name, TAGS);
  expect(await cloud.readProfile(name)).toEqual({ roles: [], tags: TAGS });
  expect(await cloud.addRole(name, "no-role")).toBe(false);
  expect(await cloud.addRole(name, "one-role")).toBe(true);
  await cloud.removeRole(name, "one-role");
  expect(await cloud.addRole(name, "other-role")).toBe(true);
  expect(await cloud.readProfile(name)).toEqual({ roles: ["other-role"], tags: TAGS });
  await cloud.removeRole(name, "other-role");
  await cloud.deleteProfile(name);
  await cloud.deleteProfile(name);
  expect(await cloud.readProfile(name)).toBeUndefined();
});
