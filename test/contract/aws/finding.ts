import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeImagesCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type Filter,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { documented } from "../documented.ts";
import { type Connect, type Implementation, until } from "./cloud.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

const ACCEPTED = /resolved .* instead of rejecting/;
const ERROR_CODES = `"Error codes for the Amazon EC2 API" (Amazon EC2 Developer Guide)`;

const filter = (Name: string, ...Values: string[]): Filter => ({ Name, Values });

export const describeFinding = (implementation: Implementation, connect: Connect): void => {
  describe(`filters, pages and tags of EC2 on ${implementation}`, () => {
    let launcher: Launcher;
    /** Three instances in pool a, one of which is stopped later, and one in pool b. */
    let a: string[];
    let b: string[];

    const tagged = (pool: string, count: number) =>
      launcher.running({
        MinCount: count,
        MaxCount: count,
        TagSpecifications: [
          {
            ResourceType: "instance",
            Tags: [
              { Key: "finding", Value: pool },
              { Key: "team", Value: "c++ & [ci]" },
            ],
          },
        ],
      });

    beforeAll(async () => {
      launcher = await createLauncher(await connect());
      a = await tagged("pool-a", 3);
      b = await tagged("pool-b", 1);
    });
    afterAll(() => launcher.release());

    const find = async (...Filters: Filter[]) => {
      const { Reservations = [] } = await launcher.cloud.ec2.send(new DescribeInstancesCommand({ Filters }));
      return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId = "" }) => InstanceId)).sort();
    };
    const tag = (Resources: string[], tags: Record<string, string>) =>
      launcher.cloud.ec2.send(
        new CreateTagsCommand({ Resources, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
      );
    const tagsOf = async (id: string) => {
      const [instance] = await launcher.describe([id]);
      return Object.fromEntries((instance?.Tags ?? []).map(({ Key = "", Value }) => [Key, Value]));
    };

    describe("filters", () => {
      test("must all match, each by any of its values", async () => {
        expect(await find(filter("tag:finding", "pool-a", "pool-b"))).toEqual([...a, ...b].sort());
        expect(await find(filter("tag:finding", "pool-a"), filter("instance-id", ...b, a[0] ?? ""))).toEqual([a[0]]);
        expect(await find(filter("tag:finding", "pool-a"), filter("instance-state-name", "stopped"))).toEqual([]);
      });

      test("treat only * and ? as wildcards", async () => {
        expect(await find(filter("tag:finding", "pool-?"))).toEqual([...a, ...b].sort());
        expect(await find(filter("tag:finding", "*-b"))).toEqual(b);
        expect(await find(filter("tag:finding", "pool-."))).toEqual([]);
        expect(await find(filter("tag:finding", "pool"))).toEqual([]);
        expect(await find(filter("tag:team", "c++ & [ci]"), filter("tag:finding", "pool-b"))).toEqual(b);
      });

      test("cover tag keys, states, subnets, types and images", async () => {
        const mine = filter("tag-key", "finding");
        expect(await find(mine)).toEqual([...a, ...b].sort());
        for (const [name, value] of [
          ["instance-state-name", "running"],
          ["instance-type", "m5.large"],
          ["subnet-id", launcher.subnets[0]?.SubnetId ?? ""],
          ["image-id", launcher.imageId],
        ] as const) {
          expect(await find(mine, filter(name, value)), name).toHaveLength(4);
          expect(await find(mine, filter(name, "no-such-value")), name).toEqual([]);
        }
      });

      documented(
        implementation,
        {
          name: "cover zones",
          source: `"DescribeInstances", availability-zone (Amazon EC2 API Reference)`,
          deviations: { moto: ["finds no instance by it", /to have a length of 4/] },
        },
        async () => {
          const zone = filter("availability-zone", launcher.subnets[0]?.AvailabilityZone ?? "");
          expect(await find(filter("tag-key", "finding"), zone)).toHaveLength(4);
        },
      );

      documented(
        implementation,
        {
          name: "are rejected if EC2 has no such filter",
          source: `"InvalidParameterValue", ${ERROR_CODES}`,
          deviations: {
            moto: ["answers with an HTML page that it is not implemented", /XML parse error/],
          },
        },
        async () => {
          await expect(find(filter("colour", "blue"))).rejects.toMatchObject({ name: "InvalidParameterValue" });
        },
      );

      test("work as Stratos uses them: by tags and by ids, where unknown ids are omitted", async () => {
        const ec2 = createEc2(launcher.cloud.ec2);
        const byTags = await ec2.describeInstances({ tags: { finding: "pool-b", team: "c++ & [ci]" } });
        expect(byTags.map(({ instanceId }) => instanceId)).toEqual(b);
        const byIds = await ec2.describeInstances({ ids: [...a, "i-0123456789abcdef0"] });
        expect(byIds.map(({ instanceId }) => instanceId).sort()).toEqual([...a].sort());
      });
    });

    test("a healthy instance passes its status checks", async () => {
      const look = new DescribeInstanceStatusCommand({ InstanceIds: b });
      await until(launcher.cloud, "checks pass", async () => {
        const { InstanceStatuses: [status] = [] } = await launcher.cloud.ec2.send(look);
        expect(status).toMatchObject({ InstanceId: b[0], InstanceState: { Name: "running" } });
        return status?.SystemStatus?.Status === "ok" && status.InstanceStatus?.Status === "ok";
      });
    });

    describe("pages", () => {
      test("show each instance once", async () => {
        const launched: string[] = [];
        for (let reservation = 0; reservation < 7; reservation += 1) launched.push(...(await tagged("pages", 1)));
        const sizes: number[] = [];
        const seen: string[] = [];
        let NextToken: string | undefined;
        do {
          const request = { Filters: [filter("tag:finding", "pages")], MaxResults: 5, NextToken };
          const page = await launcher.cloud.ec2.send(new DescribeInstancesCommand(request));
          const ids = (page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
          sizes.push(ids.length);
          seen.push(...ids.map(({ InstanceId = "" }) => InstanceId));
          NextToken = page.NextToken;
        } while (NextToken && sizes.length < 10);
        expect(sizes).toEqual([5, 2]);
        expect(seen.sort()).toEqual(launched.sort());
      });

      test("cannot be combined with instance ids", async () => {
        const named = new DescribeInstancesCommand({ InstanceIds: a, MaxResults: 5 });
        await expect(launcher.cloud.ec2.send(named)).rejects.toMatchObject({ name: "InvalidParameterCombination" });
      });

      documented(
        implementation,
        {
          name: "have a minimum size of five",
          source: `"DescribeInstances", MaxResults (Amazon EC2 API Reference)`,
          deviations: { moto: ["allows smaller ones", ACCEPTED] },
        },
        async () => {
          const small = new DescribeInstancesCommand({ MaxResults: 4 });
          await expect(launcher.cloud.ec2.send(small)).rejects.toMatchObject({ name: "InvalidParameterValue" });
        },
      );
    });

    describe("tags", () => {
      test("are added and overwritten on several resources at once", async () => {
        await createEc2(launcher.cloud.ec2).tagInstances(a, { "stratos.sh/state": "standby" });
        await createEc2(launcher.cloud.ec2).tagInstances(a.slice(0, 1), { "stratos.sh/state": "running", empty: "" });
        const kept = { finding: "pool-a", team: "c++ & [ci]" };
        expect(await tagsOf(a[0] ?? "")).toEqual({ ...kept, "stratos.sh/state": "running", empty: "" });
        expect(await tagsOf(a[1] ?? "")).toEqual({ ...kept, "stratos.sh/state": "standby" });
      });

      test("are deleted by key, or by key and value", async () => {
        const [id = ""] = b;
        await tag(b, { one: "1", two: "2" });
        const remove = (Tags: { Key: string; Value?: string }[]) =>
          launcher.cloud.ec2.send(new DeleteTagsCommand({ Resources: b, Tags }));
        await remove([{ Key: "one", Value: "2" }, { Key: "two" }]);
        expect(await tagsOf(id)).toMatchObject({ one: "1" });
        expect(await tagsOf(id)).not.toHaveProperty("two");
      });

      documented(
        implementation,
        {
          name: "are set on no resource if one does not exist",
          source: `"InvalidInstanceID.NotFound", ${ERROR_CODES}`,
          deviations: { moto: ["tags missing resources", ACCEPTED] },
        },
        async () => {
          const both = tag([a[2] ?? "", "i-0123456789abcdef0"], { half: "done" });
          await expect(both).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
          expect(await tagsOf(a[2] ?? "")).not.toHaveProperty("half");
        },
      );

      documented(
        implementation,
        {
          name: "cannot start with aws:",
          source: `"Tag restrictions" (Amazon EC2 User Guide)`,
          deviations: { moto: ["accepts them", ACCEPTED] },
        },
        async () => {
          await expect(tag(b, { "aws:pool": "x" })).rejects.toMatchObject({ name: "InvalidParameterValue" });
        },
      );

      test("are limited to fifty per resource", async () => {
        const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`key-${index}`, ""]));
        await expect(tag(b, many)).rejects.toMatchObject({ name: "TagLimitExceeded" });
      });
    });

    describe("an id or name that does not exist", () => {
      const misses = [
        [
          "subnet",
          () => new DescribeSubnetsCommand({ SubnetIds: ["subnet-0123456789abcdef9"] }),
          "InvalidSubnetID.NotFound",
        ],
        [
          "group",
          () => new DescribeSecurityGroupsCommand({ GroupIds: ["sg-0123456789abcdef9"] }),
          "InvalidGroup.NotFound",
        ],
        ["image", () => new DescribeImagesCommand({ ImageIds: ["ami-0123456789abcdef9"] }), "InvalidAMIID.NotFound"],
        [
          "type",
          () => new DescribeInstanceTypesCommand({ InstanceTypes: ["m5.tiny" as "m5.large"] }),
          "InvalidInstanceType",
        ],
      ] as const;
      test.each(misses)("fails a Describe: %s", async (_, command, name) => {
        const send = launcher.cloud.ec2.send as (command: unknown) => Promise<unknown>;
        await expect(send.call(launcher.cloud.ec2, command())).rejects.toMatchObject({ name });
      });
    });

    test.each([
      ["m5.large", { vcpus: 2, memoryMiB: 8192, maxPods: 29, devices: 0, architectures: ["x86_64"] }],
      ["m7g.large", { vcpus: 2, memoryMiB: 8192, maxPods: 29, devices: 0, architectures: ["arm64"] }],
      ["t3.micro", { vcpus: 2, memoryMiB: 1024, maxPods: 4, devices: 0 }],
      ["c5.2xlarge", { vcpus: 8, memoryMiB: 16384, maxPods: 58 }],
      ["g5.12xlarge", { vcpus: 48, memoryMiB: 196608, devices: 4 }],
    ])("the type %s has its documented figures", async (instanceType, facts) => {
      expect(await createEc2(launcher.cloud.ec2).describeInstanceType(instanceType)).toMatchObject(facts);
    });

    test("an unknown type has no figures", async () => {
      expect(await createEc2(launcher.cloud.ec2).describeInstanceType("m5.tiny")).toBeUndefined();
    });
  });
};
