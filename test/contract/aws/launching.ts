import {
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeTagsCommand,
  DescribeVolumesCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { beforeAll, describe, expect, test } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { type Documented, documented } from "../documented.ts";
import { type Connect, GIVEN, type Implementation } from "./cloud.ts";
import { createLauncher, type Launch, type Launcher } from "./launcher.ts";

const ERROR_CODES = `"Error codes for the Amazon EC2 API" (Amazon EC2 Developer Guide)`;
const IDEMPOTENCY = `"Ensuring idempotency in Amazon EC2 API requests" (Amazon EC2 Developer Guide)`;
const ACCEPTED = /resolved .* instead of rejecting/;

export const describeLaunching = (implementation: Implementation, connect: Connect): void => {
  describe(`RunInstances on ${implementation}`, () => {
    let launcher: Launcher;
    beforeAll(async () => {
      launcher = await createLauncher(await connect());
    });

    const run = async (changes: Launch = {}) => {
      const answer = await launcher.cloud.ec2.send(new RunInstancesCommand(launcher.request(changes)));
      return answer.Instances ?? [];
    };

    test("launches pending instances with launch indexes, in the subnet's zone", async () => {
      const instances = await run({ MinCount: 3, MaxCount: 3 });
      const zone = launcher.subnets[0]?.AvailabilityZone;
      const pending = { State: { Code: 0, Name: "pending" }, Placement: { AvailabilityZone: zone } };
      expect(instances).toMatchObject([0, 1, 2].map((AmiLaunchIndex) => ({ ...pending, AmiLaunchIndex })));
      expect(new Set(instances.map(({ InstanceId }) => InstanceId)).size).toBe(3);
    });

    documented(
      implementation,
      {
        name: "launches more than the minimum if there is capacity",
        source: `"RunInstances", MaxCount (Amazon EC2 API Reference)`,
        deviations: { moto: ["launches no more than the minimum", /to have a length of 3/] },
      },
      async () => {
        expect(await run({ MinCount: 1, MaxCount: 3 })).toHaveLength(3);
      },
    );

    test("creates what a launch by Stratos requests", async () => {
      const ec2 = createEc2(launcher.cloud.ec2);
      const tags = { "managed-by": "stratos", "stratos.sh/pool": `launched-by-${implementation}` };
      const [launched] = await ec2.runInstances({
        clientToken: "a-launch-of-the-product",
        count: 1,
        imageId: launcher.imageId,
        instanceType: "m5.large",
        subnetId: launcher.subnets[1]?.SubnetId ?? "",
        securityGroupIds: [],
        instanceProfile: GIVEN.profile,
        userData: "#!/bin/sh\necho é\n",
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2, httpEndpoint: "enabled" },
        blockDevices: [{ deviceName: "/dev/xvdb", volumeSize: 50, volumeType: "gp3", iops: 4000, throughput: 250 }],
        tags,
      });
      const id = launched?.instanceId ?? "";
      await launcher.untilAll([id], "running");
      const [found] = await ec2.describeInstances({ tags });
      expect(found).toMatchObject({
        instanceId: id,
        state: "running",
        instanceType: "m5.large",
        zone: launcher.subnets[1]?.AvailabilityZone,
        subnetId: launcher.subnets[1]?.SubnetId,
        imageId: launcher.imageId,
        clientToken: "a-launch-of-the-product",
        amiLaunchIndex: 0,
        spot: false,
        tags,
      });
      expect(found?.privateDnsName).toMatch(/^ip-[\d-]+\.ec2\.internal$/);

      const [instance] = await launcher.describe([id]);
      expect(instance?.IamInstanceProfile?.Arn).toMatch(new RegExp(`:instance-profile/${GIVEN.profile}$`));
      expect(instance?.MetadataOptions).toMatchObject({
        HttpTokens: "required",
        HttpPutResponseHopLimit: 2,
        HttpEndpoint: "enabled",
      });
      const attribute = { InstanceId: id, Attribute: "userData" as const };
      const { UserData } = await launcher.cloud.ec2.send(new DescribeInstanceAttributeCommand(attribute));
      expect(Buffer.from(UserData?.Value ?? "", "base64").toString()).toBe("#!/bin/sh\necho é\n");
      const shutdown = { InstanceId: id, Attribute: "instanceInitiatedShutdownBehavior" as const };
      expect(await launcher.cloud.ec2.send(new DescribeInstanceAttributeCommand(shutdown))).toMatchObject({
        InstanceInitiatedShutdownBehavior: { Value: "stop" },
      });
    });

    test("creates an extra volume as requested, and deletes it with its instance", async () => {
      const Ebs = { VolumeSize: 50, VolumeType: "gp3", DeleteOnTermination: true } as const;
      const [id = ""] = await launcher.running({ BlockDeviceMappings: [{ DeviceName: "/dev/xvdb", Ebs }] });
      const Filters = [{ Name: "attachment.instance-id", Values: [id] }];
      const { Volumes = [] } = await launcher.cloud.ec2.send(new DescribeVolumesCommand({ Filters }));
      const extra = Volumes.find(({ Attachments }) => Attachments?.[0]?.Device === "/dev/xvdb");
      expect(extra).toMatchObject({ Size: 50, VolumeType: "gp3", Iops: 3000, State: "in-use" });
      const [instance] = await launcher.describe([id]);
      expect(instance?.BlockDeviceMappings).toContainEqual(
        expect.objectContaining({
          DeviceName: "/dev/xvdb",
          Ebs: expect.objectContaining({ VolumeId: extra?.VolumeId, DeleteOnTermination: true }),
        }),
      );
    });

    documented(
      implementation,
      {
        name: "tags instance, volumes and network interfaces in the launch itself",
        source: `"RunInstances", TagSpecification (Amazon EC2 API Reference)`,
        deviations: { moto: ["leaves network interfaces without tags", /'instance', 'volume' \] to deeply equal/] },
      },
      async () => {
        const Tags = [{ Key: "launch", Value: "tagged" }];
        const types = ["instance", "network-interface", "volume"] as const;
        await launcher.running({ TagSpecifications: types.map((ResourceType) => ({ ResourceType, Tags })) });
        const Filters = [{ Name: "key", Values: ["launch"] }];
        const { Tags: found = [] } = await launcher.cloud.ec2.send(new DescribeTagsCommand({ Filters }));
        expect([...new Set(found.map(({ ResourceType }) => ResourceType))].sort()).toEqual(types);
      },
    );

    documented(
      implementation,
      {
        name: "answers a repeated client token with the same instances",
        source: IDEMPOTENCY,
        deviations: { moto: ["ignores client tokens", /to deeply equal/] },
      },
      async () => {
        const ids = async () => {
          const instances = await run({ ClientToken: "the-same", MaxCount: 2 });
          return instances.map(({ InstanceId }) => InstanceId);
        };
        expect(await ids()).toEqual(await ids());
      },
    );

    documented(
      implementation,
      {
        name: "rejects a client token with other parameters",
        source: IDEMPOTENCY,
        deviations: { moto: ["ignores client tokens", ACCEPTED] },
      },
      async () => {
        await run({ ClientToken: "changed" });
        const again = run({ ClientToken: "changed", InstanceType: "m5.xlarge" });
        await expect(again).rejects.toMatchObject({ name: "IdempotentParameterMismatch" });
      },
    );

    const refusals: readonly (readonly [what: string, Launch, name: string, moto?: readonly [string, RegExp]])[] = [
      ["a subnet that does not exist", { SubnetId: "subnet-0123456789abcdef0" }, "InvalidSubnetID.NotFound"],
      ["a group that does not exist", { SecurityGroupIds: ["sg-0123456789abcdef0"] }, "InvalidGroup.NotFound"],
      ["an image that does not exist", { ImageId: "ami-00000000000000000" }, "InvalidAMIID.NotFound"],
      ["a malformed image id", { ImageId: "latest" }, "InvalidAMIID.Malformed"],
      [
        "a maximum below its minimum",
        { MinCount: 2, MaxCount: 1 },
        "InvalidParameterValue",
        ["launches them", ACCEPTED],
      ],
      ["no instance at all", { MinCount: 0, MaxCount: 0 }, "InvalidParameterValue", ["launches none", ACCEPTED]],
      [
        "a type of another architecture",
        { InstanceType: "m7g.large" },
        "InvalidParameterValue",
        ["accepts it", ACCEPTED],
      ],
      [
        "a type that does not exist",
        { InstanceType: "m5.tiny" as "m5.large" },
        "InvalidParameterValue",
        ["calls it InvalidInstanceType, as DescribeInstanceTypes does", /InvalidInstanceType/],
      ],
      [
        "a profile that does not exist",
        { IamInstanceProfile: { Name: "no-profile" } },
        "InvalidParameterValue",
        ["passes on IAM's NoSuchEntity", /NoSuchEntity/],
      ],
      [
        "a root volume smaller than the image's",
        { BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { VolumeSize: 1 } }] },
        "InvalidBlockDeviceMapping",
        ["creates it", ACCEPTED],
      ],
      [
        "a tag with the prefix aws:",
        { TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "aws:pool", Value: "x" }] }] },
        "InvalidParameterValue",
        ["accepts it", ACCEPTED],
      ],
    ];
    for (const [what, changes, name, moto] of refusals) {
      const deviations: Documented["deviations"] = moto ? { moto } : {};
      documented(implementation, { name: `rejects ${what}`, source: ERROR_CODES, deviations }, async () => {
        await expect(run(changes)).rejects.toMatchObject({ name });
      });
    }

    test("reports the result of a dry run, and launches nothing", async () => {
      const tags = [{ ResourceType: "instance" as const, Tags: [{ Key: "launch", Value: "dry" }] }];
      const dry = run({ DryRun: true, TagSpecifications: tags });
      await expect(dry).rejects.toMatchObject({ name: "DryRunOperation" });
      const Filters = [{ Name: "tag:launch", Values: ["dry"] }];
      const { Reservations } = await launcher.cloud.ec2.send(new DescribeInstancesCommand({ Filters }));
      expect(Reservations).toEqual([]);
    });

    documented(
      implementation,
      {
        name: "launches a spot instance with the id of its request",
        source: `"Instance", spotInstanceRequestId (Amazon EC2 API Reference)`,
        deviations: { moto: ["creates no request", /to match object/] },
      },
      async () => {
        const [id = ""] = await launcher.running({ InstanceMarketOptions: { MarketType: "spot" } });
        const [instance] = await launcher.describe([id]);
        expect(instance?.InstanceLifecycle).toBe("spot");
        expect(instance).toMatchObject({ SpotInstanceRequestId: expect.stringMatching(/^sir-/) });
      },
    );
  });
};
