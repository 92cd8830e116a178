import { DescribeInstanceAttributeCommand, ModifyInstanceAttributeCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, type Region } from "./region.ts";
import { describeOne, runningInstances, stoppedInstances } from "./steps.ts";

const changeType = (region: Region, InstanceId: string, Value: string) =>
  region.client.send(new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value } }));

describe("a change of the instance type", () => {
  test("reaches every view of the instance, which starts with the capacity of its new type", async () => {
    const region = await aRegion();
    const [id = ""] = await stoppedInstances(region);
    region.ec2.faults.setCapacity("us-east-1a", "m5.large", 0);
    await changeType(region, id, "m6i.xlarge");
    expect(await describeOne(region, id)).toMatchObject({ InstanceType: "m6i.xlarge", CpuOptions: { CoreCount: 2 } });
    const attribute = new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: "instanceType" });
    expect(await region.client.send(attribute)).toMatchObject({ InstanceType: { Value: "m6i.xlarge" } });
    region.ec2.faults.start(id);
    await region.clock.sleep(20_000);
    const [machine] = region.ec2.machines.list();
    expect(machine).toMatchObject({ state: "running", instanceType: "m6i.xlarge", vcpus: 4, memoryMiB: 16384 });
  });

  test.each([
    { name: "another architecture", type: "m7g.large" },
    { name: "fewer addresses than are in use", type: "t3.micro" },
    { name: "a name that no type has", type: "m5.tiny" },
  ])("is refused for $name", async ({ type }) => {
    const region = await aRegion({ networkPlugin: "vpc-cni" });
    const [id = ""] = await stoppedInstances(region);
    await expect(changeType(region, id, type)).rejects.toMatchObject({ name: "InvalidInstanceAttributeValue" });
    expect(await describeOne(region, id)).toMatchObject({ InstanceType: "m5.large" });
  });

  test("is refused while the instance runs", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    await expect(changeType(region, id, "m6i.large")).rejects.toMatchObject({ name: "IncorrectInstanceState" });
  });

  test("requires permission for that attribute of that instance", async () => {
    const region = await aRegion({ deny: ({ action }) => action === "ec2:ModifyInstanceAttribute" });
    const [id = ""] = await stoppedInstances(region);
    await expect(changeType(region, id, "m6i.large")).rejects.toMatchObject({ name: "UnauthorizedOperation" });
    expect(region.gateway.permissionChecks.at(-1)).toMatchObject({
      action: "ec2:ModifyInstanceAttribute",
      resource: expect.stringMatching(new RegExp(`:instance/${id}$`)),
      context: { "ec2:Attribute": "InstanceType", "ec2:Attribute/InstanceType": "m6i.large" },
    });
  });
});
