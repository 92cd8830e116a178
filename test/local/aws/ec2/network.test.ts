/** Addresses and names of instances in networks that differ from the quick start's. */
import { DescribeSubnetsCommand, StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, type Region, SUBNET } from "./region.ts";
import { describeOne, launch, runningInstances, stoppedInstances } from "./steps.ts";

const subnetOf = async ({ client }: Region) =>
  (await client.send(new DescribeSubnetsCommand({ SubnetIds: [SUBNET.a] }))).Subnets?.[0];

const FREE = 4091;

describe("the VPC CNI", () => {
  test("holds the addresses of one interface from the first boot on, and of a second from the next", async () => {
    const region = await aRegion({ networkPlugin: "vpc-cni" });
    const free = async () => FREE - ((await subnetOf(region))?.AvailableIpAddressCount ?? 0);
    const [id = ""] = await stoppedInstances(region);
    expect(await free()).toBe(10);
    await region.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await region.clock.sleep(20_000);
    expect(await free()).toBe(20);
    region.ec2.faults.stop(id);
    await region.clock.sleep(31_000);
    expect(await free()).toBe(20);
    region.ec2.faults.terminate(id);
    await region.clock.sleep(24_000);
    expect(await free()).toBe(0);
  });

  test("is not there if pods have addresses of their own", async () => {
    const region = await aRegion({ networkPlugin: "overlay" });
    await runningInstances(region);
    expect(await subnetOf(region)).toMatchObject({ AvailableIpAddressCount: FREE - 1 });
  });
});

describe("a private DNS name", () => {
  test("can have the instance's id", async () => {
    const region = await aRegion({ hostnames: "resource-name" });
    const [id = ""] = await launch(region);
    expect(await describeOne(region, id)).toMatchObject({ PrivateDnsName: `${id}.ec2.internal` });
  });

  test("can have the domain of the VPC's DHCP options", async () => {
    const region = await aRegion({ dnsDomain: "example.com" });
    const [id = ""] = await launch(region);
    expect(await describeOne(region, id)).toMatchObject({
      PrivateDnsName: expect.stringMatching(/^ip-10-0-\d+-\d+\.example\.com$/),
    });
  });
});

describe("an IPv6 address", () => {
  test("is given to every instance if the subnet says so", async () => {
    const region = await aRegion({ ipv6: "onLaunch" });
    const [id = ""] = await launch(region);
    expect((await describeOne(region, id))?.Ipv6Address).toMatch(/^2600:1f18:0:1::a00:/);
    expect(await subnetOf(region)).toMatchObject({ AssignIpv6AddressOnCreation: true });
  });

  test("is else given only to instances whose launch asks for one", async () => {
    const region = await aRegion({ ipv6: "onRequest" });
    const [without = ""] = await launch(region);
    expect((await describeOne(region, without))?.Ipv6Address).toBeUndefined();
    const [id = ""] = await launch(region, { Ipv6AddressCount: 1 });
    expect(await describeOne(region, id)).toMatchObject({
      Ipv6Address: expect.stringMatching(/^2600:/),
      NetworkInterfaces: [{ Ipv6Addresses: [{ Ipv6Address: expect.stringMatching(/^2600:/) }] }],
    });
  });

  test("cannot be had in a subnet without IPv6", async () => {
    const region = await aRegion();
    await expect(launch(region, { Ipv6AddressCount: 1 })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });
});
