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
  test("can be created with tags, given a role, and used in a launch", async () => {
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
    // EC2 does not see IAM changes immediately.
    const launchWithIt = () => launch(region, { IamInstanceProfile: { Name: InstanceProfileName } });
    await expect(launchWithIt()).rejects.toMatchObject({ name: "InvalidParameterValue" });
    await region.clock.sleep(5_000);
    expect(await launchWithIt()).toHaveLength(1);
  });

  test("can be deleted only after its role is removed", async () => {
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

  test("has at most one role, which must exist", async () => {
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

  test("cannot be created twice", async () => {
    const { iam } = await aRegion();
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await expect(iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }))).rejects.toMatchObject({
      name: "EntityAlreadyExistsException",
    });
  });

  test("can be tagged later and listed", async () => {
    const { iam } = await aRegion();
    await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await iam.send(new TagInstanceProfileCommand({ InstanceProfileName, Tags }));
    const { InstanceProfiles = [] } = await iam.send(new ListInstanceProfilesCommand({}));
    expect(InstanceProfiles.map((profile) => profile.InstanceProfileName)).toEqual(["node-role", InstanceProfileName]);
    const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    expect(InstanceProfile?.Tags).toEqual(Tags);
  });
});

test("GetRole finds a role by name", async () => {
  const { iam } = await aRegion();
  const { Role } = await iam.send(new GetRoleCommand({ RoleName: "node-role" }));
  expect(Role?.Arn).toBe("arn:aws:iam::123456789012:role/node-role");
});

test("adding a role to a profile requires permission to pass that role to EC2", async () => {
  const region = await aRegion({ deny: ({ action }) => action === "iam:PassRole" });
  await region.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName, Tags }));
  await expect(region.iam.send(new AddRoleToInstanceProfileCommand(role))).rejects.toMatchObject({
    name: "AccessDenied",
  });
  expect(region.gateway.permissionChecks.at(-1)).toMatchObject({
    resource: "arn:aws:iam::123456789012:role/node-role",
    context: { "iam:PassedToService": "ec2.amazonaws.com" },
  });
  const addRole = region.gateway.permissionChecks.find(({ action }) => action === "iam:AddRoleToInstanceProfile");
  expect(addRole?.context).toMatchObject({ "aws:ResourceTag/managed-by": "stratos" });
});
