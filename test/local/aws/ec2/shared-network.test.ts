import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { expect, test } from "vitest";
import { aRegion, SUBNET } from "./region.ts";
import { launch } from "./steps.ts";

const OWNER = "210987654321";

test("a launch in another account's subnet is authorized on that account's ARNs", async () => {
  const region = await aRegion({ networkOwner: OWNER });
  await launch(region);
  const resources = region.gateway.permissionChecks.map(({ resource }) => resource);
  expect(resources).toContain(`arn:aws:ec2:us-east-1:${OWNER}:subnet/${SUBNET.a}`);
  expect(resources).toContain(`arn:aws:ec2:us-east-1:${OWNER}:security-group/sg-12345678`);
  expect(resources).toContain("arn:aws:ec2:us-east-1:123456789012:instance/*");
});

test("describes name the network's owner", async () => {
  const { client } = await aRegion({ networkOwner: OWNER });
  const { Subnets } = await client.send(new DescribeSubnetsCommand({ SubnetIds: [SUBNET.a] }));
  expect(Subnets).toMatchObject([{ OwnerId: OWNER, SubnetArn: `arn:aws:ec2:us-east-1:${OWNER}:subnet/${SUBNET.a}` }]);
  const { SecurityGroups } = await client.send(new DescribeSecurityGroupsCommand({ GroupIds: ["sg-12345678"] }));
  expect(SecurityGroups).toMatchObject([{ OwnerId: OWNER }]);
});
