import { DescribeSubnetsCommand, StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { createSubnet } from "../../../../local/aws/ec2/subnet.ts";
import { aRegion, SUBNET } from "./region.ts";
import { find, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

describe("capacity", () => {
  test("that is missing for one instance of a batch prevents the whole batch from starting", async () => {
    const region = await aRegion();
    const here = await stoppedInstances(region, { MaxCount: 2 });
    const [there = ""] = await stoppedInstances(region, { SubnetId: SUBNET.b });
    region.ec2.faults.setCapacity("us-east-1a", "m5.large", 1);
    const start = region.client.send(new StartInstancesCommand({ InstanceIds: [there, ...here] }));
    await expect(start).rejects.toMatchObject({
      name: "InsufficientInstanceCapacity",
      message: expect.stringContaining(
        "We currently do not have sufficient m5.large capacity in the Availability Zone you requested (us-east-1a).",
      ),
    });
    expect(await find(region, { "instance-state-name": ["stopped"] })).toHaveLength(3);
    await region.client.send(new StartInstancesCommand({ InstanceIds: [there, here[0] ?? ""] }));
    expect(await stateOf(region, there)).toBe("pending");
  });

  test("for only some instances is used by a launch that accepts fewer", async () => {
    const region = await aRegion();
    region.ec2.faults.setCapacity("us-east-1a", "m5.large", 2);
    expect(await launch(region, { MinCount: 1, MaxCount: 5 })).toHaveLength(2);
    await expect(launch(region)).rejects.toMatchObject({ name: "InsufficientInstanceCapacity" });
  });

  test("also has an account limit on vCPUs", async () => {
    const region = await aRegion();
    region.ec2.faults.setVcpuLimit(5);
    const ids = await stoppedInstances(region, { MaxCount: 2 });
    await launch(region, { MaxCount: 2 });
    const start = region.client.send(new StartInstancesCommand({ InstanceIds: ids }));
    await expect(start).rejects.toMatchObject({ name: "VcpuLimitExceeded" });
  });
});

test("addresses run out, because stopped instances keep theirs", async () => {
  const region = await aRegion();
  const small = { id: "subnet-0small", vpcId: "vpc-12345678", zone: "us-east-1a", cidr: "10.0.64.0/28" };
  region.ec2.world.subnets.set(small.id, createSubnet(small));
  const free = async () => {
    const { Subnets } = await region.client.send(new DescribeSubnetsCommand({ SubnetIds: [small.id] }));
    return Subnets?.[0]?.AvailableIpAddressCount;
  };
  expect(await free()).toBe(11);
  const ids = await stoppedInstances(region, { SubnetId: small.id, MaxCount: 20 });
  expect(ids).toHaveLength(11);
  expect(await free()).toBe(0);
  await expect(launch(region, { SubnetId: small.id })).rejects.toMatchObject({
    name: "InsufficientFreeAddressesInSubnet",
  });
  region.ec2.faults.terminate(ids[0] ?? "");
  await region.clock.sleep(24_000);
  expect(await launch(region, { SubnetId: small.id })).toHaveLength(1);
});

describe("throttling", () => {
  test("rejects the sixth launch in a burst, then allows two per second", async () => {
    const region = await aRegion();
    for (let count = 0; count < 5; count += 1) await launch(region);
    await expect(launch(region)).rejects.toMatchObject({
      name: "RequestLimitExceeded",
      $metadata: { httpStatusCode: 503 },
    });
    await region.clock.sleep(1000);
    await launch(region);
    await launch(region);
  });

  test("counts instances as well as requests", async () => {
    const region = await aRegion();
    await launch(region, { MinCount: 1, MaxCount: 1000 });
    await expect(launch(region, { MinCount: 1, MaxCount: 1000 })).rejects.toMatchObject({
      name: "RequestLimitExceeded",
    });
  });

  test("can be disabled", async () => {
    const region = await aRegion();
    region.ec2.faults.setThrottling(false);
    for (let count = 0; count < 10; count += 1) await launch(region);
    expect(region.ec2.machines.list()).toHaveLength(10);
  });
});

test("StartInstances with running and stopped instances starts the stopped ones", async () => {
  const region = await aRegion();
  const [running = ""] = await runningInstances(region);
  const [stopped = ""] = await stoppedInstances(region);
  await region.client.send(new StartInstancesCommand({ InstanceIds: [running, stopped] }));
  expect(await find(region, { "instance-state-name": ["pending"] })).toEqual([stopped]);
});
