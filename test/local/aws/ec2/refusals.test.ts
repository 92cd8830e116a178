/** Brief refusals and unhelpful answers of the real EC2. */

import { DescribeVolumesCommand, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand } from "@aws-sdk/client-iam";
import { describe, expect, test } from "vitest";
import { createSubnet } from "../../../../local/aws/ec2/subnet.ts";
import { SLOW_STOPS } from "../../../../local/aws/ec2/transition-times.ts";
import { aRegion } from "./region.ts";
import { describeOne, find, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

test("a new instance profile named by ARN is unknown until IAM's change has propagated", async () => {
  const region = await aRegion();
  const InstanceProfileName = "workers";
  const { InstanceProfile } = await region.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
  await region.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName: "node-role" }));
  const launchWithIt = () => launch(region, { IamInstanceProfile: { Arn: InstanceProfile?.Arn } });
  await expect(launchWithIt()).rejects.toMatchObject({ name: "InvalidParameterValue" });
  await region.clock.sleep(5_000);
  expect(await launchWithIt()).toHaveLength(1);
});

test("a small subnet gives a freed address to the next instance", async () => {
  const region = await aRegion();
  const small = { id: "subnet-0small", vpcId: "vpc-12345678", zone: "us-east-1a", cidr: "10.0.64.0/28" };
  region.ec2.world.subnets.set(small.id, createSubnet(small));
  const [first = ""] = await launch(region, { SubnetId: small.id, MaxCount: 3 });
  const { PrivateIpAddress } = (await describeOne(region, first)) ?? {};
  region.ec2.faults.terminate(first);
  await region.clock.sleep(24_000);
  const [next = ""] = await launch(region, { SubnetId: small.id });
  expect(await describeOne(region, next)).toMatchObject({ PrivateIpAddress });
});

test("a spot instance can be interrupted without a warning", async () => {
  const region = await aRegion();
  const [id = ""] = await runningInstances(region, { InstanceMarketOptions: { MarketType: "spot" } });
  region.ec2.faults.interruptSpot(id, { warning: false });
  expect(region.events.map(({ detailType }) => detailType)).not.toContain("EC2 Spot Instance Interruption Warning");
  expect(await describeOne(region, id)).toMatchObject({
    State: { Name: "shutting-down" },
    StateReason: { Code: "Server.SpotInstanceTermination" },
  });
});

describe("a denial", () => {
  const ENCODED = /Encoded authorization failure message: [\w-]{1000,}$/;

  test.each(["ec2:RunInstances", "ec2:StartInstances"])("of %s carries a long encoded message", async (denied) => {
    let isDenied = false;
    const region = await aRegion({ deny: ({ action }) => isDenied && action === denied });
    const InstanceIds = await stoppedInstances(region);
    isDenied = true;
    const call =
      denied === "ec2:RunInstances" ? launch(region) : region.client.send(new StartInstancesCommand({ InstanceIds }));
    await expect(call).rejects.toMatchObject({
      name: "UnauthorizedOperation",
      message: expect.stringMatching(ENCODED),
    });
  });

  test("of a describe carries none", async () => {
    const region = await aRegion({ deny: () => true });
    await expect(find(region, {})).rejects.toMatchObject({ message: expect.not.stringMatching(/Encoded/) });
  });
});

describe("volumes", () => {
  test("can attach slowly, and the instance cannot be stopped meanwhile", async () => {
    const region = await aRegion();
    region.ec2.faults.attachSlowly(60_000);
    const InstanceIds = await runningInstances(region);
    const attachment = async () =>
      (await region.client.send(new DescribeVolumesCommand({}))).Volumes?.[0]?.Attachments?.[0]?.State;
    expect(await attachment()).toBe("attaching");
    const stop = () => region.client.send(new StopInstancesCommand({ InstanceIds }));
    await expect(stop()).rejects.toMatchObject({ name: "IncorrectState" });
    await region.clock.sleep(60_000);
    expect(await attachment()).toBe("attached");
    await stop();
  });
});

test("a region whose stops are slow keeps an instance in stopping for at least a minute", async () => {
  const region = await aRegion({ transitionTimes: SLOW_STOPS });
  const [id = ""] = await runningInstances(region);
  await region.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
  await region.clock.sleep(59_000);
  expect(await stateOf(region, id)).toBe("stopping");
  await region.clock.sleep(541_000);
  expect(await stateOf(region, id)).toBe("stopped");
});
