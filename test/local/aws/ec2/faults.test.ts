import { StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion } from "./region.ts";
import { describeOne, find, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

const SPOT = { InstanceMarketOptions: { MarketType: "spot" } };

describe("an injected fault", () => {
  test("before the effect changes nothing, as many times as requested", async () => {
    const region = await aRegion();
    region.ec2.faults.failNext("RunInstances", { code: "Unavailable", status: 503, times: 2 });
    await expect(launch(region)).rejects.toMatchObject({ name: "Unavailable" });
    await expect(launch(region)).rejects.toMatchObject({ name: "Unavailable" });
    expect(region.ec2.machines.list()).toEqual([]);
    expect(await launch(region)).toHaveLength(1);
  });

  test("after the effect acts like a lost response", async () => {
    const region = await aRegion();
    const InstanceIds = await stoppedInstances(region);
    region.ec2.faults.failNext("StartInstances", { code: "InternalError", status: 500, when: "after" });
    await expect(region.client.send(new StartInstancesCommand({ InstanceIds }))).rejects.toMatchObject({
      name: "InternalError",
    });
    expect(await stateOf(region, InstanceIds[0] ?? "")).toBe("pending");
  });
});

describe("actions by others", () => {
  test("start, stop and terminate an instance", async () => {
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

  test("include AWS stopping an instance whose host is retired", async () => {
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
  test("is marked as spot and cannot be stopped", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, SPOT);
    expect(await describeOne(region, id)).toMatchObject({ InstanceLifecycle: "spot" });
    expect(await find(region, { "instance-lifecycle": ["spot"] })).toEqual([id]);
    await expect(stoppedInstances(region, SPOT)).rejects.toMatchObject({ name: "UnsupportedOperation" });
  });

  test("gets an interruption warning and terminates two minutes later", async () => {
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

  test("can get a rebalance recommendation, which does not change it", async () => {
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

test("the call log records each call's principal, action, instances and error", async () => {
  const region = await aRegion();
  const [id = ""] = await launch(region);
  await launch(region, { ImageId: "ami-00000000000000000" }).catch(() => {});
  expect(region.ec2.calls()).toMatchObject([
    { action: "RunInstances", ids: [id], principal: "arn:aws:iam::123456789012:user/test" },
    { action: "RunInstances", ids: [], error: "InvalidAMIID.NotFound" },
  ]);
});
