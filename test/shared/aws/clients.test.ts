import { DescribeInstancesCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterEach, expect, it, vi } from "vitest";
import { ec2Client, sqsClient } from "../../../shared/aws/clients.ts";
import { createWakeQueue } from "../../../shared/queue/wake-queue.ts";
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

it("wakes carry the trace of their invocation, so that SQS passes it on to the next function", async () => {
  const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const environment = {
    AWS_LAMBDA_FUNCTION_NAME: "demand",
    _X_AMZN_TRACE_ID: trace,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const client = sqsClient();
  const headers: unknown[] = [];
  client.middlewareStack.add(
    () =>
      async ({ request }) => {
        headers.push((request as { headers: Record<string, string> }).headers["X-Amzn-Trace-Id"]);
        throw new Error("not sent");
      },
    { step: "finalizeRequest", priority: "low" },
  );
  const url = "https://sqs.us-east-1.amazonaws.com/123456789012/pool";
  const queue = createWakeQueue(client, { demand: url, pool: url, nodeclass: url });
  await expect(queue.enqueue("pool", ["c/workers"])).rejects.toThrow();
  client.destroy();
  expect(new Set(headers)).toEqual(new Set([trace]));
});
