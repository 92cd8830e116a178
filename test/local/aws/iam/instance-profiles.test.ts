import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  ListInstanceProfilesCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import { aRegion } from "../ec2/region.ts";
import { launch } from "../ec2/steps.ts";

const InstanceProfileName = "stratos-my-cluster-workers";
const Tags = [{ Key: "managed-by", Value: "stratos" }];
const role = { InstanceProfileName, RoleName: "node-role" };

describe("an instance profile", () => {
  test("is made with tags, given a role, and launched with", async () => {
    const region = await aRegion();
    const { iam } = region;
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags }));
    await iam.send(new AddRoleToInstanceProfileCommand(role));
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect(InstanceProfile).toMatchObject({
      Arn: `arn:aws:iam::123456789012:instance-profile/${InstanceProfileName}`,
      Roles: [{ RoleName: "node-role", Arn: "arn:aws:iam::123456789012:role/node-role" }],
      Tags,
    });
    // EC2 does not see at once what IAM has changed.
    const launchWithIt = () => launch(region, { IamInstanceProfile: { Name: InstanceProfileName } });
    await expect(launchWithIt()).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await region.clock.sleep(5_000);
    expect(await launchWithIt()).toHaveLength(1);
  });

  test("is deleted once its role is removed", async () => {
    const { iam } = await aRegion();
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new AddRoleToInstanceProfileCommand(role));
    const remove = () => iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName }));
    await expect(remove()).rejects.toMatchObject({ name: "DeleteConflictException" });
    await iam.send(new RemoveRoleFromInstanceProfileCommand(role));
    await remove();
    await expect(iam.send(new GetInstanceProfileCommand({ InstanceProfileName }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      $metadata: { httpStatusCode: 404 },
    });
  });

  test("holds one role, which must exist", async () => {
    const { iam } = await aRegion();
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await expect(
      iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: "nobody" })),
    ).rejects.toMatchObject({ name: "NoSuchEntityException" });
    await iam.send(new AddRoleToInstanceProfileCommand(role));
    await expect(iam.send(new AddRoleToInstanceProfileCommand(role))).rejects.toMatchObject({
      name: "LimitExceededException",
    });
  });

  test("cannot be made twice", async () => {
    const { iam } = await aRegion();
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await expect(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }))).rejects.toMatchObject({
      name: "EntityAlreadyExistsException",
    });
  });

  test("is tagged later and listed", async () => {
    const { iam } = await aRegion();
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags }));
    const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesCommand({}));
    expect(InstanceProfiles.map((profile) => profile.InstanceProfileName)).toEqual(["node-role", InstanceProfileName]);
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect(InstanceProfile?.Tags).toEqual(Tags);
  });
});

test("a role is found by name", async () => {
  const { iam } = await aRegion();
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "node-role" }));
  expect(Role?.Arn).toBe("arn:aws:iam::123456789012:role/node-role");
});

test("giving a profile a role needs permission to pass that role to EC2", async () => {
  const region = await aRegion({ refuse: ({ action }) => action === "iam:PassRole" });
  await region.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags }));
  await expect(region.iam.send(new AddRoleToInstanceProfileCommand(role))).rejects.toMatchObject({
    name: "AccessDenied",
  });
  expect(region.front.asked.at(-1)).toMatchObject({
    resource: "arn:aws:iam::123456789012:role/node-role",
    context: { "iam:PassedToService": "ec2.amazonaws.com" },
  });
  const own = region.front.asked.find(({ action }) => action === "iam:AddRoleToInstanceProfile");
  expect(own?.context).toMatchObject({ "aws:ResourceTag/managed-by": "stratos" });
});
