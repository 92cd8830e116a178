import {
  CreateFleetCommand,
  type CreateFleetCommandInput,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  type RequestLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documented } from "../documented.ts";
import type { Connect, Implementation } from "./cloud.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

const API = "Amazon EC2 API Reference";
const toTags = (tags: Readonly<Record<string, string>>) => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Launch templates, and the fleets that launch spot instances. */
export const describeTemplates = (implementation: Implementation, connect: Connect): void => {
  describe(`launch templates and fleets on ${implementation}`, () => {
    let launcher: Launcher;
    beforeAll(async () => {
      launcher = await createLauncher(await connect());
    });
    afterAll(() => launcher.release());

    let templates = 0;
    const create = async (data: RequestLaunchTemplateData = {}) => {
      templates += 1;
      const LaunchTemplateName = `template-${templates}`;
      const { LaunchTemplate } = await launcher.cloud.ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName,
          LaunchTemplateData: {
            ImageId: launcher.imageId,
            InstanceType: "m5.large",
            UserData: Buffer.from("#!/bin/bash\n").toString("base64"),
            TagSpecifications: [{ ResourceType: "instance", Tags: toTags({ "managed-by": "stratos" }) }],
            ...data,
          },
        }),
      );
      return { LaunchTemplateName, LaunchTemplateId: LaunchTemplate?.LaunchTemplateId ?? "" };
    };

    const tagsOf = async (id = "") => {
      const [instance] = await launcher.describe([id]);
      return Object.fromEntries((instance?.Tags ?? []).map(({ Key = "", Value }) => [Key, Value]));
    };

    describe("a launch template", () => {
      /** The subnet comes from the template or the request; here always from the request. */
      const bare = { ImageId: undefined, InstanceType: undefined };

      test("is the base of a launch, whose own parameters take precedence", async () => {
        const { LaunchTemplateId } = await create();
        const [id = ""] = await launcher.running({ ...bare, LaunchTemplate: { LaunchTemplateId } });
        expect(await launcher.describe([id])).toMatchObject([{ InstanceType: "m5.large", ImageId: launcher.imageId }]);
        expect(await tagsOf(id)).toEqual({
          "managed-by": "stratos",
          "aws:ec2launchtemplate:id": LaunchTemplateId,
          "aws:ec2launchtemplate:version": "1",
        });
        const larger = { ...bare, LaunchTemplate: { LaunchTemplateId }, InstanceType: "m5.xlarge" as const };
        const [other = ""] = await launcher.running(larger);
        expect(await launcher.describe([other])).toMatchObject([{ InstanceType: "m5.xlarge" }]);
      });

      test("has versions: one is the default and one the latest", async () => {
        const { LaunchTemplateId } = await create();
        await launcher.cloud.ec2.send(
          new CreateLaunchTemplateVersionCommand({
            LaunchTemplateId,
            SourceVersion: "1",
            LaunchTemplateData: { InstanceType: "m5.xlarge" },
          }),
        );
        const versions = async (...Versions: string[]) => {
          const command = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions });
          return (await launcher.cloud.ec2.send(command)).LaunchTemplateVersions ?? [];
        };
        expect(await versions("$Latest")).toMatchObject([
          { VersionNumber: 2, LaunchTemplateData: { InstanceType: "m5.xlarge" } },
        ]);
        expect(await versions("$Default")).toMatchObject([{ VersionNumber: 1, DefaultVersion: true }]);
        expect(await versions("1")).toMatchObject([{ LaunchTemplateData: { InstanceType: "m5.large" } }]);
        const found = new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: [LaunchTemplateId] });
        expect((await launcher.cloud.ec2.send(found)).LaunchTemplates).toMatchObject([
          { DefaultVersionNumber: 1, LatestVersionNumber: 2 },
        ]);
      });

      documented(
        implementation,
        {
          name: "has versions that inherit missing values from their source version",
          source: `"CreateLaunchTemplateVersion", SourceVersion (${API})`,
          deviations: { moto: ["omits them", /to match object/] },
        },
        async () => {
          const { LaunchTemplateId } = await create();
          const { LaunchTemplateVersion } = await launcher.cloud.ec2.send(
            new CreateLaunchTemplateVersionCommand({
              LaunchTemplateId,
              SourceVersion: "1",
              LaunchTemplateData: { InstanceType: "m5.xlarge" },
            }),
          );
          expect(LaunchTemplateVersion).toMatchObject({
            LaunchTemplateData: { InstanceType: "m5.xlarge", ImageId: launcher.imageId },
          });
        },
      );

      test("has a unique name, and is gone after deletion", async () => {
        const { LaunchTemplateName, LaunchTemplateId } = await create();
        const again = new CreateLaunchTemplateCommand({
          LaunchTemplateName,
          LaunchTemplateData: { InstanceType: "m5.large" },
        });
        const taken = "InvalidLaunchTemplateName.AlreadyExistsException";
        await expect(launcher.cloud.ec2.send(again)).rejects.toMatchObject({ name: taken });
        await launcher.cloud.ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId }));
        const find = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] });
        const missing = "InvalidLaunchTemplateName.NotFoundException";
        await expect(launcher.cloud.ec2.send(find)).rejects.toMatchObject({ name: missing });
      });
    });

    describe("CreateFleet, instant", () => {
      const fleet = async (
        { LaunchTemplateId }: { LaunchTemplateId: string },
        overrides: readonly (readonly [type: string, subnet: number])[],
        changes: Partial<CreateFleetCommandInput> = {},
      ) =>
        launcher.cloud.ec2.send(
          new CreateFleetCommand({
            Type: "instant",
            TargetCapacitySpecification: { TotalTargetCapacity: 1, DefaultTargetCapacityType: "spot" },
            SpotOptions: { AllocationStrategy: "price-capacity-optimized" },
            LaunchTemplateConfigs: [
              {
                LaunchTemplateSpecification: { LaunchTemplateId, Version: "$Latest" },
                Overrides: overrides.map(([InstanceType, subnet]) => ({
                  InstanceType: InstanceType as "m5.large",
                  SubnetId: launcher.subnets[subnet]?.SubnetId,
                })),
              },
            ],
            TagSpecifications: [{ ResourceType: "instance", Tags: toTags({ "stratos.sh/pool": "workers" }) }],
            ...changes,
          }),
        );

      test("launches a spot instance and reports its type", async () => {
        const answer = await fleet(await create(), [["m5.xlarge", 1]]);
        expect(answer.Errors ?? []).toEqual([]);
        expect(answer.Instances).toMatchObject([{ Lifecycle: "spot", InstanceType: "m5.xlarge" }]);
        const ids = answer.Instances?.[0]?.InstanceIds ?? [];
        await launcher.untilAll(ids, "running");
        expect(await launcher.describe(ids)).toMatchObject([
          { InstanceLifecycle: "spot", InstanceType: "m5.xlarge", SubnetId: launcher.subnets[1]?.SubnetId },
        ]);
      });

      test("tags instances as the template and the request specify", async () => {
        const { Instances } = await fleet(await create(), [["m5.large", 0]]);
        const ids = Instances?.[0]?.InstanceIds ?? [];
        await launcher.untilAll(ids, "running");
        expect(await tagsOf(ids[0])).toMatchObject({ "managed-by": "stratos", "stratos.sh/pool": "workers" });
      });

      test("launches on-demand instances as well, as many as requested", async () => {
        const TargetCapacitySpecification = { TotalTargetCapacity: 3, DefaultTargetCapacityType: "on-demand" } as const;
        const answer = await fleet(await create(), [["m5.large", 0]], {
          TargetCapacitySpecification,
          SpotOptions: undefined,
        });
        const ids = (answer.Instances ?? []).flatMap(({ InstanceIds = [] }) => InstanceIds);
        expect(new Set(answer.Instances?.map(({ Lifecycle }) => Lifecycle))).toEqual(new Set(["on-demand"]));
        expect(ids).toHaveLength(3);
        await launcher.untilAll(ids, "running");
      });

      documented(
        implementation,
        {
          name: "answers a repeated client token with the same instance",
          source: `"Ensuring idempotency in Amazon EC2 API requests" (Amazon EC2 Developer Guide)`,
          deviations: { moto: ["ignores client tokens", /to deeply equal/] },
        },
        async () => {
          const template = await create();
          const once = async () => (await fleet(template, [["m5.large", 0]], { ClientToken: "one" })).Instances?.[0];
          expect((await once())?.InstanceIds).toEqual((await once())?.InstanceIds);
        },
      );

      test("rejects a template that does not exist", async () => {
        const missing = fleet({ LaunchTemplateId: "lt-0123456789abcdef0" }, [["m5.large", 0]]);
        await expect(missing).rejects.toMatchObject({ name: expect.stringMatching(/^InvalidLaunchTemplateId/) });
      });
    });
  });
};
