import {
  CreateFleetCommand,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type FleetLaunchTemplateOverridesRequest,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, type Region, SUBNET } from "./region.ts";
import { describeOne, launch } from "./steps.ts";

const createTemplate = async ({ client }: Region): Promise<string> => {
  const { LaunchTemplate } = await client.send(
    new CreateLaunchTemplateCommand({
      LaunchTemplateName: "workers",
      LaunchTemplateData: {
        ImageId: "ami-0123456789abcdef0",
        InstanceType: "m5.large",
        SecurityGroupIds: ["sg-12345678"],
        UserData: Buffer.from("#!/bin/bash\n").toString("base64"),
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "managed-by", Value: "stratos" }] }],
      },
    }),
  );
  return LaunchTemplate?.LaunchTemplateId ?? "";
};

const fleetOf = async (
  region: Region,
  LaunchTemplateId: string,
  overrides: { type: FleetLaunchTemplateOverridesRequest["InstanceType"]; subnet: string }[],
  rest: { ClientToken?: string } = {},
) =>
  region.client.send(
    new CreateFleetCommand({
      Type: "instant",
      TargetCapacitySpecification: { TotalTargetCapacity: 1, DefaultTargetCapacityType: "spot" },
      SpotOptions: { AllocationStrategy: "price-capacity-optimized" },
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId, Version: "$Latest" },
          Overrides: overrides.map(({ type, subnet }) => ({ InstanceType: type, SubnetId: subnet })),
        },
      ],
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "stratos.sh/pool", Value: "workers" }] }],
      ...rest,
    }),
  );

describe("a launch template", () => {
  test("supplies a launch's parameters, which the request overrides", async () => {
    const region = await aRegion();
    const LaunchTemplateId = await createTemplate(region);
    const template = { ImageId: undefined, InstanceType: undefined, LaunchTemplate: { LaunchTemplateId } };
    const [id = ""] = await launch(region, template);
    expect(await describeOne(region, id)).toMatchObject({
      InstanceType: "m5.large",
      Tags: expect.arrayContaining([{ Key: "managed-by", Value: "stratos" }]),
    });
    const [larger = ""] = await launch(region, { ...template, InstanceType: "m5.xlarge" });
    expect(await describeOne(region, larger)).toMatchObject({ InstanceType: "m5.xlarge" });
  });

  test("has versions, can be found by name, and is not found after deletion", async () => {
    const region = await aRegion();
    const LaunchTemplateId = await createTemplate(region);
    await region.client.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId,
        SourceVersion: "1",
        LaunchTemplateData: { InstanceType: "m5.xlarge" },
      }),
    );
    const { LaunchTemplateVersions = [] } = await region.client.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: ["$Latest"] }),
    );
    expect(LaunchTemplateVersions).toMatchObject([
      { VersionNumber: 2, LaunchTemplateData: { InstanceType: "m5.xlarge", ImageId: "ami-0123456789abcdef0" } },
    ]);
    const find = () => region.client.send(new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ["workers"] }));
    expect((await find()).LaunchTemplates).toMatchObject([{ LaunchTemplateId, LatestVersionNumber: 2 }]);
    await region.client.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
    await expect(find()).rejects.toMatchObject({ name: "InvalidLaunchTemplateName.NotFoundException" });
  });
});

describe("CreateFleet", () => {
  test("launches a spot instance from the template, with the tags of template and request", async () => {
    const region = await aRegion();
    const template = await createTemplate(region);
    const { Instances = [], Errors } = await fleetOf(region, template, [{ type: "m5.xlarge", subnet: SUBNET.b }]);
    expect(Errors).toEqual([]);
    expect(Instances).toMatchObject([{ Lifecycle: "spot", InstanceType: "m5.xlarge" }]);
    expect(await describeOne(region, Instances[0]?.InstanceIds?.[0] ?? "")).toMatchObject({
      InstanceLifecycle: "spot",
      Placement: { AvailabilityZone: "us-east-1b" },
      Tags: expect.arrayContaining([
        { Key: "managed-by", Value: "stratos" },
        { Key: "stratos.sh/pool", Value: "workers" },
      ]),
    });
  });

  test("tries the next type if one has no capacity, and reports the error", async () => {
    const region = await aRegion();
    const template = await createTemplate(region);
    region.ec2.faults.setCapacity("us-east-1a", "m5.large", 0);
    const { Instances = [], Errors = [] } = await fleetOf(region, template, [
      { type: "m5.large", subnet: SUBNET.a },
      { type: "c5.large", subnet: SUBNET.a },
    ]);
    expect(Instances).toMatchObject([{ InstanceType: "c5.large" }]);
    expect(Errors).toMatchObject([{ ErrorCode: "InsufficientInstanceCapacity" }]);
  });

  test("returns the same instance for the same token", async () => {
    const region = await aRegion();
    const template = await createTemplate(region);
    const launchOne = () => fleetOf(region, template, [{ type: "m5.large", subnet: SUBNET.a }], { ClientToken: "one" });
    const first = await launchOne();
    const second = await launchOne();
    expect(second.Instances?.[0]?.InstanceIds).toEqual(first.Instances?.[0]?.InstanceIds);
    expect(region.ec2.machines.list()).toHaveLength(1);
  });
});
