import { DescribeInstancesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterEach, expect, it, vi } from "vitest";
import { ec2Client } from "../../../shared/aws/clients.ts";
import { aLaunch, aRegion } from "../../local/aws/ec2/region.ts";

afterEach(() => vi.unstubAllEnvs());

it("EC2 errors are reported with operation and code, but not a lack of capacity", async () => {
  const region = await aRegion({ deny: ({ action }) => action === "ec2:DescribeInstances" });
  const environment = {
    AWS_ENDPOINT_URL_EC2: region.gateway.url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const errors: string[] = [];
  const client = ec2Client((operation, code) => void errors.push(`${operation} ${code}`));
  region.ec2.faults.setCapacity("us-east-1a", "m5.large", 0);
  await expect(client.send(new RunInstancesCommand(aLaunch()))).rejects.toThrow();
  await expect(client.send(new DescribeInstancesCommand({}))).rejects.toThrow();
  client.destroy();
  expect(errors).toEqual(["DescribeInstances UnauthorizedOperation"]);
});
