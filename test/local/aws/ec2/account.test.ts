import {
  DescribeAvailabilityZonesCommand,
  DescribeImagesCommand,
  type DescribeImagesCommandInput,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, SUBNET } from "./region.ts";

const DISCOVERY = [{ Name: "tag:stratos.sh/discovery", Values: ["my-cluster"] }];

describe("the network of the quick start", () => {
  test("has a subnet in each of three zones, found by tag", async () => {
    const { client } = await aRegion();
    const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters: DISCOVERY }));
    expect(Subnets.map(({ SubnetId, AvailabilityZone }) => [SubnetId, AvailabilityZone])).toEqual([
      [SUBNET.a, "us-east-1a"],
      [SUBNET.b, "us-east-1b"],
      [SUBNET.c, "us-east-1c"],
    ]);
    const { AvailabilityZones = [] } = await client.send(new DescribeAvailabilityZonesCommand({}));
    expect(AvailabilityZones.map(({ ZoneName }) => ZoneName)).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
    const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({}));
    expect(Vpcs).toMatchObject([{ VpcId: "vpc-12345678", CidrBlock: "10.0.0.0/16" }]);
  });

  test("has a security group for nodes, found by name", async () => {
    const { client } = await aRegion();
    const Filters = [{ Name: "group-name", Values: ["my-cluster-node"] }];
    const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ Filters }));
    expect(SecurityGroups).toMatchObject([{ GroupId: "sg-12345678", VpcId: "vpc-12345678" }]);
  });
});

describe("images", () => {
  test("can be filtered by owner: the account or AWS", async () => {
    const { client } = await aRegion();
    const own = await client.send(new DescribeImagesCommand({ Owners: ["self"] }));
    expect(own.Images).toMatchObject([{ ImageId: "ami-0123456789abcdef0", State: "available" }]);
    const Filters = [
      { Name: "name", Values: ["amazon-eks-node-al2023-arm64-standard-1.36-*"] },
      { Name: "architecture", Values: ["arm64"] },
    ];
    const ownedByAmazon = await client.send(new DescribeImagesCommand({ Owners: ["amazon"], Filters }));
    expect(ownedByAmazon.Images).toHaveLength(1);
    expect(Date.parse(ownedByAmazon.Images?.[0]?.CreationDate ?? "")).toBeGreaterThan(0);
  });

  test("that are deprecated are shown by filter only to their owner, or on request", async () => {
    const { client, ec2, clock } = await aRegion();
    const deprecated = [...ec2.world.images.values()].filter(
      ({ name, ownerId }) => name.startsWith("bottlerocket") || ownerId === ec2.world.account,
    );
    for (const image of deprecated) ec2.world.images.set(image.id, { ...image, deprecatedAt: clock.now() - 1 });
    const count = async (input: DescribeImagesCommandInput) =>
      (await client.send(new DescribeImagesCommand(input))).Images?.length;
    const Filters = [{ Name: "name", Values: ["bottlerocket-*", "my-cluster-node"] }];
    expect(await count({ Filters })).toBe(1);
    expect(await count({ Filters, IncludeDeprecated: true })).toBe(deprecated.length);
    expect(await count({ ImageIds: deprecated.map(({ id }) => id) })).toBe(deprecated.length);
  });

  test("that do not exist cause an error by id and an empty result by filter", async () => {
    const { client } = await aRegion();
    const id = "ami-00000000000000000";
    await expect(client.send(new DescribeImagesCommand({ ImageIds: [id] }))).rejects.toMatchObject({
      name: "InvalidAMIID.NotFound",
    });
    const { Images } = await client.send(new DescribeImagesCommand({ Filters: [{ Name: "image-id", Values: [id] }] }));
    expect(Images).toEqual([]);
  });
});

describe("instance types", () => {
  test("include the figures from which EKS computes a node's capacity", async () => {
    const { client } = await aRegion();
    const { InstanceTypes } = await client.send(
      new DescribeInstanceTypesCommand({ InstanceTypes: ["m5.large", "g5.12xlarge"] }),
    );
    expect(InstanceTypes).toMatchObject([
      {
        InstanceType: "m5.large",
        VCpuInfo: { DefaultVCpus: 2 },
        MemoryInfo: { SizeInMiB: 8192 },
        NetworkInfo: { MaximumNetworkInterfaces: 3, Ipv4AddressesPerInterface: 10 },
        ProcessorInfo: { SupportedArchitectures: ["x86_64"] },
      },
      { InstanceType: "g5.12xlarge", GpuInfo: { Gpus: [{ Name: "A10G", Count: 4 }] } },
    ]);
  });

  test("that do not exist are named in the error", async () => {
    const { client } = await aRegion();
    const types = ["m5.large", "m5.tiny"] as "m5.large"[];
    await expect(client.send(new DescribeInstanceTypesCommand({ InstanceTypes: types }))).rejects.toMatchObject({
      name: "InvalidInstanceType",
      message: "The following supplied instance types do not exist: [m5.tiny]",
    });
  });
});
