import { ModifyInstanceAttributeCommand, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documented } from "../documented.ts";
import type { Connect, Implementation } from "./cloud.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

const MODIFY = `"ModifyInstanceAttribute" (Amazon EC2 API Reference)`;

export const describeChangesOfType = (implementation: Implementation, connect: Connect): void => {
  describe(`ModifyInstanceAttribute on ${implementation}`, () => {
    let launcher: Launcher;
    beforeAll(async () => {
      launcher = await createLauncher(await connect());
    });
    afterAll(() => launcher.release());

    const changeType = (InstanceId: string, Value: string) =>
      launcher.cloud.ec2.send(new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value } }));
    const stopped = async (): Promise<string> => {
      const [id = ""] = await launcher.running();
      await launcher.cloud.ec2.send(new StopInstancesCommand({ InstanceIds: [id] }));
      await launcher.untilAll([id], "stopped");
      return id;
    };

    test("a stopped instance starts with its new type, and keeps its identity and volumes", async () => {
      const id = await stopped();
      const [before] = await launcher.describe([id]);
      await changeType(id, "m6i.large");
      await launcher.cloud.ec2.send(new StartInstancesCommand({ InstanceIds: [id] }));
      await launcher.untilAll([id], "running");
      const [after] = await launcher.describe([id]);
      expect(after).toMatchObject({ InstanceType: "m6i.large", PrivateIpAddress: before?.PrivateIpAddress });
      const volumes = (instance: typeof before) => instance?.BlockDeviceMappings?.map(({ Ebs }) => Ebs?.VolumeId);
      expect(volumes(after)).toEqual(volumes(before));
    });

    test("a change to the type that an instance has is accepted", async () => {
      const id = await stopped();
      await changeType(id, "m5.large");
      expect((await launcher.describe([id]))[0]).toMatchObject({ InstanceType: "m5.large" });
    });

    test("an unknown instance is not found", async () => {
      const change = changeType("i-0123456789abcdef0", "m6i.large");
      await expect(change).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
    });

    const deviations = { moto: ["accepts it", /resolved .* instead of rejecting/] } as const;
    documented(
      implementation,
      { name: "the type of a running instance is not changed", source: MODIFY, deviations },
      async () => {
        const [id = ""] = await launcher.running();
        await expect(changeType(id, "m6i.large")).rejects.toMatchObject({ name: "IncorrectInstanceState" });
      },
    );

    const refusals: readonly (readonly [string, string, type: string])[] = [
      ["a type of another architecture is refused", `pulumi-aws#4291`, "m7g.large"],
      ["a type that does not exist is refused", MODIFY, "m5.tiny"],
    ];
    for (const [name, source, type] of refusals) {
      documented(implementation, { name, source, deviations }, async () => {
        const id = await stopped();
        await expect(changeType(id, type)).rejects.toMatchObject({ name: "InvalidInstanceAttributeValue" });
      });
    }
  });
};
