import {
  CreateTagsCommand,
  DescribeImagesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { DescribeClusterCommand } from "@aws-sdk/client-eks";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isNotFound } from "../../../shared/aws/errors.ts";
import { createNodeClassResources } from "../../../shared/aws/node-class-client.ts";
import type { NodeClassResources } from "../../../shared/aws/node-class-resources.ts";
import type { Subnet } from "../../../shared/model/class-resources.ts";
import { documented } from "../documented.ts";
import { type Connect, GIVEN, type Implementation } from "./cloud.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

/** The calls that resolve a node class. */
export const describeDescribing = (implementation: Implementation, connect: Connect): void => {
  describe(`images, networks, parameters and clusters on ${implementation}`, () => {
    let launcher: Launcher;
    let product: NodeClassResources;
    beforeAll(async () => {
      launcher = await createLauncher(await connect());
      product = createNodeClassResources(launcher.cloud);
    });
    afterAll(() => launcher.release());

    const tag = (id: string, tags: Record<string, string>) => {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      return launcher.cloud.ec2.send(new CreateTagsCommand({ Resources: [id], Tags }));
    };

    describe("subnets", () => {
      let all: readonly Subnet[];
      beforeAll(async () => {
        all = await product.findSubnets({ tags: {} });
      });

      test("are found by id; an unknown id is omitted, not an error", async () => {
        const id = all[0]?.id ?? "";
        expect(await product.findSubnets({ ids: [id, "subnet-0123456789abcdef0"] })).toEqual([all[0]]);
      });

      test("are found by all of their tags, with wildcards", async () => {
        await tag(all[0]?.id ?? "", { team: "ci", tier: "private-a" });
        await tag(all[1]?.id ?? "", { team: "ci", tier: "public-a" });
        expect(await product.findSubnets({ tags: { team: "ci" } })).toHaveLength(2);
        expect(await product.findSubnets({ tags: { team: "ci", tier: "private-*" } })).toEqual([all[0]]);
        expect(await product.findSubnets({ tags: { team: "web" } })).toEqual([]);
      });

      test("each have a zone", () => {
        expect(all.length).toBeGreaterThan(1);
        for (const { zone } of all) expect(zone).toMatch(/^us-east-1[a-z]$/);
        expect(new Set(all.map(({ zone }) => zone)).size).toBe(all.length);
      });

      const addressesLeft = async () => {
        const SubnetIds = [launcher.subnets[1]?.SubnetId ?? ""];
        const { Subnets } = await launcher.cloud.ec2.send(new DescribeSubnetsCommand({ SubnetIds }));
        return Subnets?.[0]?.AvailableIpAddressCount ?? 0;
      };
      const launchTwo = () => launcher.running({ SubnetId: launcher.subnets[1]?.SubnetId, MinCount: 2, MaxCount: 2 });

      test("have one address less for each instance, running or stopped", async () => {
        const before = await addressesLeft();
        const InstanceIds = await launchTwo();
        expect(await addressesLeft()).toBe(before - 2);
        await launcher.cloud.ec2.send(new StopInstancesCommand({ InstanceIds }));
        await launcher.untilAll(InstanceIds, "stopped");
        expect(await addressesLeft()).toBe(before - 2);
      });

      documented(
        implementation,
        {
          name: "regain the address of a terminated instance",
          source: `"Subnet", availableIpAddressCount (Amazon EC2 API Reference)`,
          deviations: { moto: ["keeps it in use", /expected \d+ to be \d+/] },
        },
        async () => {
          const before = await addressesLeft();
          const InstanceIds = await launchTwo();
          await launcher.cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
          await launcher.untilAll(InstanceIds, "terminated");
          expect(await addressesLeft()).toBe(before);
        },
      );
    });

    test("security groups are found by id and by name; an unknown id is omitted", async () => {
      const [group] = await product.findSecurityGroups({ name: "default" });
      expect(group).toMatchObject({ id: expect.stringMatching(/^sg-/), name: "default" });
      expect(await product.findSecurityGroups({ ids: [group?.id ?? "", "sg-0123456789abcdef0"] })).toEqual([group]);
      expect(await product.findSecurityGroups({ name: "defaul" })).toEqual([]);
    });

    test("security groups are found by their tags", async () => {
      const [group] = await product.findSecurityGroups({ name: "default" });
      await tag(group?.id ?? "", { team: "ci" });
      expect(await product.findSecurityGroups({ tags: { team: "c?" } })).toEqual([group]);
      const { SecurityGroups } = await launcher.cloud.ec2.send(
        new DescribeSecurityGroupsCommand({ GroupIds: [group?.id ?? ""] }),
      );
      expect(SecurityGroups).toMatchObject([
        { GroupName: "default", Tags: expect.arrayContaining([{ Key: "team", Value: "ci" }]) },
      ]);
    });

    test("instance types are found by name; an unknown name is omitted", async () => {
      const found = await product.findInstanceTypes(["m5.large", "m7g.large", "m5.tiny"]);
      expect(found.map(({ instanceType }) => instanceType).sort()).toEqual(["m5.large", "m7g.large"]);
    });

    describe("images", () => {
      const creationDate = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
      const devices = [expect.stringMatching(/^\/dev\//)];
      const rootDevice = devices[0];
      const ours = () => [
        expect.objectContaining({ id: launcher.imageId, creationDate, architecture: "x86_64", rootDevice, devices }),
      ];
      const search = { owners: ["self"], architecture: "x86_64" };

      test("are found by id; an unknown id is omitted", async () => {
        expect(await product.findImages({ ids: [launcher.imageId, "ami-0123456789abcdeff"] })).toEqual(ours());
      });

      test("are found by name, tags, owner and architecture combined", async () => {
        const { name, tags } = GIVEN.image;
        expect(await product.findImages({ ...search, name, tags })).toEqual(ours());
        expect(await product.findImages({ ...search, name: "my-*-node" })).toEqual(ours());
        expect(await product.findImages({ ...search, name, architecture: "arm64" })).toEqual([]);
        expect(await product.findImages({ ...search, name, owners: ["amazon"] })).toEqual([]);
        expect(await product.findImages({ ...search, name, tags: { "stratos.sh/discovery": "other" } })).toEqual([]);
      });

      test("of Amazon are found by its owner alias, and not among the account's own", async () => {
        const amazons = await product.findImages({ ...search, owners: ["amazon"] });
        expect(amazons.length).toBeGreaterThan(1);
        expect(amazons.map(({ id }) => id)).not.toContain(launcher.imageId);
      });

      test("have an architecture and a root device", async () => {
        const { Images } = await launcher.cloud.ec2.send(new DescribeImagesCommand({ ImageIds: [launcher.imageId] }));
        const root = { DeviceName: Images?.[0]?.RootDeviceName };
        const machine = { State: "available", Architecture: "x86_64", BlockDeviceMappings: [root] };
        expect(Images).toMatchObject([{ Name: GIVEN.image.name, ...machine }]);
      });

      documented(
        implementation,
        {
          name: "have an EBS volume as root device",
          source: `"Image", rootDeviceType (Amazon EC2 API Reference)`,
          deviations: { moto: ["reports standard, which is a volume type", /to match object/] },
        },
        async () => {
          const { Images } = await launcher.cloud.ec2.send(new DescribeImagesCommand({ ImageIds: [launcher.imageId] }));
          expect(Images).toMatchObject([{ RootDeviceType: "ebs" }]);
        },
      );
    });

    documented(
      implementation,
      {
        name: "instances are found by the profile that they carry, until they are terminated",
        source: `"DescribeInstances", Filters (Amazon EC2 API Reference)`,
        deviations: { moto: ["lacks the filter, and answers with a page of HTML", /XML parse error/] },
      },
      async () => {
        const { arn = "" } = (await product.readProfile(GIVEN.profile)) ?? {};
        const InstanceIds = await launcher.running({ IamInstanceProfile: { Name: GIVEN.profile } });
        expect(await product.findInstancesWithProfile(arn)).toEqual(expect.arrayContaining(InstanceIds));
        await launcher.cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
        await launcher.untilAll(InstanceIds, "terminated");
        expect(await product.findInstancesWithProfile(arn)).not.toEqual(expect.arrayContaining(InstanceIds));
        expect(await product.findInstancesWithProfile(`${arn}-other`)).toEqual([]);
      },
    );

    describe("parameters", () => {
      test("are read; the error for an unknown one counts as absent", async () => {
        const { name, value } = GIVEN.ownParameter;
        expect(await product.readParameter(name)).toBe(value);
        expect(await product.readParameter("/images/theirs")).toBeUndefined();
        const missing = launcher.cloud.ssm.send(new GetParameterCommand({ Name: "/images/theirs" }));
        await expect(missing).rejects.toMatchObject({ name: "ParameterNotFound" });
      });

      documented(
        implementation,
        {
          name: "name the EKS optimized images",
          source: `"Retrieve recommended Amazon Linux AMI IDs" (Amazon EKS User Guide)`,
          deviations: { moto: ["has none of them", /expected 'undefined' to match/] },
        },
        async () => {
          const id = String(await product.readParameter(GIVEN.parameter));
          expect(id).toMatch(/^ami-/);
          expect(await product.findImages({ ids: [id] })).toMatchObject([{ id }]);
        },
      );
    });

    describe("clusters", () => {
      test("have an endpoint and a certificate", async () => {
        const { cluster } = await launcher.cloud.eks.send(new DescribeClusterCommand({ name: GIVEN.cluster }));
        expect(cluster).toMatchObject({ name: GIVEN.cluster, status: "ACTIVE" });
        expect(cluster?.endpoint).toMatch(/^https:\/\//);
        expect(cluster?.version).toMatch(/^1\.\d+$/);
        expect(Buffer.from(cluster?.certificateAuthority?.data ?? "", "base64").length).toBeGreaterThan(10);
      });

      test("are not found under an unknown name", async () => {
        const missing = launcher.cloud.eks.send(new DescribeClusterCommand({ name: "no-cluster" }));
        const error = await missing.catch((caught: unknown) => caught);
        expect(error).toMatchObject({ name: "ResourceNotFoundException" });
        expect(isNotFound(error)).toBe(true);
      });
    });
  });
};
