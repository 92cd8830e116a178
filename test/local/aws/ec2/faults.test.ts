import { StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion } from "./region.ts";
import { describeOne, find, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

const SPOT = { InstanceMarketOptions: { MarketType: "spot" } };

describe("a planned failure", () => {
  test("before the effect leaves everything as it was, as often as planned", async () => {
    const region = await aRegion();
    region.ec2.faults.failNext("RunInstances", { code: "Unavailable", status: 503, times: 2 });
    await expect(launch(region)).rejects.toMatchObject({ name: "Unavailable" });
    await expect(launch(region)).rejects.toMatchObject({ name: "Unavailable" });
    expect(region.ec2.machines.list()).toEqual([]);
    expect(await launch(region)).toHaveLength(1);
  });

  test("after the effect is a lost answer", async () => {
    const region = await aRegion();
    const InstanceIds = await stoppedInstances(region);
    region.ec2.faults.failNext("StartInstances", { code: "InternalError", status: 500, when: "after" });
    await expect(region.client.send(new StartInstancesCommand({ InstanceIds }))).rejects.toMatchObject({
      name: "InternalError",
    });
    expect(await stateOf(region, InstanceIds[0] ?? "")).toBe("pending");
  });
});

describe("hands from outside", () => {
  test("start, stop and end an instance", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    region.ec2.faults.stop(id);
    await region.clock.sleep(31_000);
    expect(await stateOf(region, id)).toBe("stopped");
    region.ec2.faults.start(id);
    expect(await stateOf(region, id)).toBe("pending");
    region.ec2.faults.terminate(id);
    await region.clock.sleep(24_000);
    expect(await find(region, { "instance-state-name": ["terminated"] })).toEqual([id]);
  });

  test("of AWS stop an instance whose host is retired", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    region.ec2.faults.retire(id);
    expect(await describeOne(region, id)).toMatchObject({
      State: { Name: "stopping" },
      StateReason: { Code: "Server.ScheduledStop" },
    });
  });
});

describe("a spot instance", () => {
  test("is marked as such and cannot be stopped", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, SPOT);
    expect(await describeOne(region, id)).toMatchObject({ InstanceLifecycle: "spot" });
    expect(await find(region, { "instance-lifecycle": ["spot"] })).toEqual([id]);
    await expect(stoppedInstances(region, SPOT)).rejects.toMatchObject({ name: "UnsupportedOperation" });
  });

  test("is warned, and ends two minutes later", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, SPOT);
    region.ec2.faults.interruptSpot(id);
    expect(region.events.at(-1)).toEqual({
      source: "aws.ec2",
      detailType: "EC2 Spot Instance Interruption Warning",
      resources: [`arn:aws:ec2:us-east-1a:instance/${id}`],
      detail: { "instance-id": id, "instance-action": "terminate" },
    });
    await region.clock.sleep(119_000);
    expect(await stateOf(region, id)).toBe("running");
    await region.clock.sleep(2_000);
    expect(await describeOne(region, id)).toMatchObject({
      State: { Name: "shutting-down" },
      StateReason: { Code: "Server.SpotInstanceTermination" },
    });
  });

  test("may be recommended for rebalancing, which does nothing to it", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, SPOT);
    region.ec2.faults.recommendRebalance(id);
    expect(region.events.at(-1)).toMatchObject({
      detailType: "EC2 Instance Rebalance Recommendation",
      detail: { "instance-id": id },
    });
    expect(await stateOf(region, id)).toBe("running");
  });
});

test("the call log tells who asked for what, when, and with what outcome", async () => {
  const region = await aRegion();
  const [id = ""] = await launch(region);
  await launch(region, { ImageId: "ami-00000000000000000" }).catch(() => {});
  expect(region.ec2.calls()).toMatchObject([
    { action: "RunInstances", ids: [id], principal: "arn:aws:iam::123456789012:user/test" },
    { action: "RunInstances", ids: [], error: "InvalidAMIID.NotFound" },
  ]);
});
