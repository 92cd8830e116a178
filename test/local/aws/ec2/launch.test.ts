import { DescribeVolumesCommand, RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aLaunch, aRegion, SUBNET } from "./region.ts";
import { describeOne, find, launch, stateOf } from "./steps.ts";

const failedLaunch = async (overrides: object) => {
  const region = await aRegion();
  const error: unknown = await launch(region, overrides).catch((thrown: unknown) => thrown);
  expect(region.ec2.machines.list()).toEqual([]);
  return error;
};

describe("RunInstances", () => {
  test("launches the requested instance, with tags on the instance and its volumes", async () => {
    const region = await aRegion();
    const Tags = [{ Key: "managed-by", Value: "stratos" }];
    const [id = ""] = await launch(region, {
      ClientToken: "one",
      IamInstanceProfile: { Arn: "arn:aws:iam::123456789:instance-profile/node-role" },
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2, HttpEndpoint: "enabled" },
      BlockDeviceMappings: [
        {
          DeviceName: "/dev/xvda",
          Ebs: { VolumeSize: 50, VolumeType: "gp3", Iops: 4000, Throughput: 250, Encrypted: true },
        },
        { DeviceName: "/dev/xvdb", Ebs: { VolumeSize: 100, VolumeType: "gp2" } },
      ],
      TagSpecifications: ["instance", "volume", "network-interface"].map((ResourceType) => ({ ResourceType, Tags })),
    });
    expect(await describeOne(region, id)).toMatchObject({
      ImageId: "ami-0123456789abcdef0",
      InstanceType: "m5.large",
      ClientToken: "one",
      AmiLaunchIndex: 0,
      Architecture: "x86_64",
      Placement: { AvailabilityZone: "us-east-1a", AvailabilityZoneId: "use1-az1" },
      SecurityGroups: [{ GroupId: "sg-12345678", GroupName: "my-cluster-node" }],
      IamInstanceProfile: { Arn: "arn:aws:iam::123456789:instance-profile/node-role" },
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 2 },
      Tags,
    });
    const { Volumes = [] } = await region.client.send(
      new DescribeVolumesCommand({ Filters: [{ Name: "tag:managed-by", Values: ["stratos"] }] }),
    );
    expect(Volumes).toMatchObject([
      { Size: 50, VolumeType: "gp3", Iops: 4000, Throughput: 250, Encrypted: true, State: "in-use" },
      { Size: 100, VolumeType: "gp2", Iops: 300, Encrypted: false, Attachments: [{ InstanceId: id }] },
    ]);
  });

  test("applies the placement and capacity reservation, after checking permission for each", async () => {
    const region = await aRegion();
    region.ec2.world.placementGroups.add("training");
    region.ec2.world.capacityReservations.add("cr-1");
    const [id = ""] = await launch(region, {
      Placement: { Tenancy: "dedicated", GroupName: "training" },
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-1" } },
    });
    expect(await describeOne(region, id)).toMatchObject({
      Placement: { Tenancy: "dedicated", GroupName: "training" },
      CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-1" } },
    });
    const checks = region.gateway.permissionChecks.map(({ action, resource }) => `${action} ${resource}`).join();
    expect(checks).toMatch(/RunInstances [^,]*placement-group\/training,/);
    expect(checks).toMatch(/RunInstances [^,]*capacity-reservation\/cr-1,/);
  });

  test("numbers the instances of a launch", async () => {
    const region = await aRegion();
    const { Instances = [] } = await region.client.send(new RunInstancesCommand(aLaunch({ MaxCount: 3 })));
    expect(Instances.map(({ AmiLaunchIndex }) => AmiLaunchIndex)).toEqual([0, 1, 2]);
    expect(new Set(Instances.map(({ PrivateIpAddress }) => PrivateIpAddress)).size).toBe(3);
  });

  test.each([
    ["a placement group that does not exist", { Placement: { GroupName: "none" } }, "InvalidPlacementGroup.Unknown"],
    [
      "a capacity reservation that does not exist",
      { CapacityReservationSpecification: { CapacityReservationTarget: { CapacityReservationId: "cr-9" } } },
      "InvalidCapacityReservationId.NotFound",
    ],
    [
      "a capacity reservation preference together with a target",
      {
        CapacityReservationSpecification: {
          CapacityReservationPreference: "open",
          CapacityReservationTarget: { CapacityReservationId: "cr-9" },
        },
      },
      "InvalidParameterCombination",
    ],
    [
      "hibernation with an unencrypted root volume",
      { HibernationOptions: { Configured: true } },
      "UnsupportedHibernationConfiguration",
    ],
    ["an unknown image", { ImageId: "ami-00000000000000000" }, "InvalidAMIID.NotFound"],
    ["a malformed image id", { ImageId: "quick" }, "InvalidAMIID.Malformed"],
    ["an unknown subnet", { SubnetId: "subnet-0" }, "InvalidSubnetID.NotFound"],
    ["an unknown security group", { SecurityGroupIds: ["sg-0"] }, "InvalidGroup.NotFound"],
    ["an unknown type", { InstanceType: "m5.tiny" }, "InvalidParameterValue"],
    ["a type of another architecture", { InstanceType: "m7g.large" }, "InvalidParameterValue"],
    ["an unknown profile", { IamInstanceProfile: { Name: "nobody" } }, "InvalidParameterValue"],
    ["user data over 16 KB", { UserData: Buffer.alloc(16_385, "x").toString("base64") }, "InvalidParameterValue"],
    ["user data that is not base64", { UserData: "#!/bin/bash" }, "InvalidUserData.Malformed"],
    [
      "a root volume smaller than the image's",
      { BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 8 } }] },
      "InvalidBlockDeviceMapping",
    ],
    [
      "throughput on gp2",
      { BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeType: "gp2", Throughput: 250 } }] },
      "InvalidParameterCombination",
    ],
    ["a MaxCount below MinCount", { MinCount: 2, MaxCount: 1 }, "InvalidParameterValue"],
    [
      "a reserved tag",
      { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "aws:x", Value: "1" }] }] },
      "InvalidParameterValue",
    ],
  ])("rejects %s and launches nothing", async (_case, overrides, name) => {
    expect(await failedLaunch(overrides)).toMatchObject({ name });
  });

  test("does nothing on a dry run", async () => {
    expect(await failedLaunch({ DryRun: true })).toMatchObject({
      name: "DryRunOperation",
      $metadata: { httpStatusCode: 412 },
    });
  });
});

describe("a client token", () => {
  test("returns the same instances for the same request", async () => {
    const region = await aRegion();
    const first = await launch(region, { ClientToken: "one", MaxCount: 2 });
    const second = await launch(region, { ClientToken: "one", MaxCount: 2 });
    expect(second).toEqual(first);
    expect(region.ec2.machines.list()).toHaveLength(2);
  });

  test("cannot be reused with other parameters", async () => {
    const region = await aRegion();
    await launch(region, { ClientToken: "one" });
    await expect(launch(region, { ClientToken: "one", MaxCount: 2 })).rejects.toMatchObject({
      name: "IdempotentParameterMismatch",
      message: "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    });
  });

  test("starts a new launch in another zone", async () => {
    const region = await aRegion();
    const first = await launch(region, { ClientToken: "one" });
    const second = await launch(region, { ClientToken: "one", SubnetId: SUBNET.b });
    expect(second).not.toEqual(first);
  });

  test("is bound to its parameters even after a capacity error, and launches once there is capacity", async () => {
    const region = await aRegion();
    region.ec2.faults.setCapacity("us-east-1a", "m5.large", 0);
    await expect(launch(region, { ClientToken: "one" })).rejects.toThrow("m5.large");
    await expect(launch(region, { ClientToken: "one", InstanceType: "c5.large" })).rejects.toMatchObject({
      name: "IdempotentParameterMismatch",
    });
    region.ec2.faults.clearCapacity("us-east-1a", "m5.large");
    expect(await launch(region, { ClientToken: "one" })).toHaveLength(1);
  });

  test("cannot be reused after its instance has terminated", async () => {
    const region = await aRegion();
    const [id = ""] = await launch(region, { ClientToken: "one" });
    await region.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    await region.clock.sleep(24_000);
    await expect(launch(region, { ClientToken: "one" })).rejects.toMatchObject({
      name: "IdempotentInstanceTerminated",
    });
  });

  test("makes it safe to retry a launch whose response was lost", async () => {
    const region = await aRegion();
    region.ec2.faults.failNext("RunInstances", { code: "InternalError", status: 500, when: "after" });
    await expect(launch(region, { ClientToken: "one" })).rejects.toMatchObject({ name: "InternalError" });
    const [id = ""] = await launch(region, { ClientToken: "one" });
    expect(region.ec2.machines.list().map(({ instanceId }) => instanceId)).toEqual([id]);
  });
});

describe("eventual consistency", () => {
  test("hides a new instance from every call for a while", async () => {
    const region = await aRegion({ invisibleMs: 60_000 });
    const [id = ""] = await launch(region);
    expect(await find(region, { "instance-state-name": ["pending", "running"] })).toEqual([]);
    await expect(stateOf(region, id)).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
      message: `The instance ID '${id}' does not exist`,
    });
    await expect(region.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
    });
    await region.clock.sleep(60_000);
    expect(await stateOf(region, id)).toBe("running");
  });
});
