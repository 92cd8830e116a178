/** What an account shares with others: its request buckets, and EC2's replicas. */
import { StartInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, type Region } from "./region.ts";
import { describeOne, find, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

const launchesOf = async (region: Region, count: number): Promise<number> => {
  let launched = 0;
  for (let call = 0; call < count; call += 1) {
    await region.clock.sleep(1000);
    launched += await launch(region).then(
      () => 1,
      () => 0,
    );
  }
  return launched;
};

describe("other users' calls", () => {
  test("leave only a share of the bucket once it is empty", async () => {
    const region = await aRegion();
    region.ec2.faults.otherUsers("RunInstances", 6);
    const launched = await launchesOf(region, 40);
    expect(launched).toBeGreaterThan(2);
    expect(launched).toBeLessThan(25);
    region.ec2.faults.otherUsers("RunInstances", 0);
    expect(await launchesOf(region, 10)).toBe(10);
  });

  test("do not matter while the bucket refills faster", async () => {
    const region = await aRegion();
    region.ec2.faults.otherUsers("RunInstances", 1);
    expect(await launchesOf(region, 20)).toBe(20);
  });
});

describe("a lagging describe", () => {
  test("shows earlier states, not in order, and the true one after the longest lag", async () => {
    const region = await aRegion();
    const [id = ""] = await stoppedInstances(region);
    region.ec2.faults.lagReads(60_000);
    await region.clock.sleep(60_000);
    await region.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await region.clock.sleep(30_000);
    const shown: (string | undefined)[] = [];
    for (let read = 0; read < 40; read += 1) shown.push(await stateOf(region, id));
    expect(new Set(shown)).toEqual(new Set(["stopped", "pending", "running"]));
    expect(shown.join().includes("running,stopped")).toBe(true);
    await region.clock.sleep(60_000);
    expect(await stateOf(region, id)).toBe("running");
  });

  test("filters by the state that it shows, which has its own launch time and reason", async () => {
    const region = await aRegion();
    const [id = ""] = await stoppedInstances(region);
    const before = await describeOne(region, id);
    region.ec2.faults.lagReads(60_000);
    await region.clock.sleep(60_000);
    await region.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    await region.clock.sleep(10_000);
    const found: string[][] = [];
    for (let read = 0; read < 20; read += 1) found.push(await find(region, { "instance-state-name": ["stopped"] }));
    expect(found).toContainEqual([id]);
    expect(found).toContainEqual([]);
    const read = async () => describeOne(region, id);
    let shown = await read();
    while (shown?.State?.Name !== "stopped") shown = await read();
    expect(shown.LaunchTime).toEqual(before?.LaunchTime);
    expect(shown.StateReason).toEqual(before?.StateReason);
  });

  test("does not change what calls act on", async () => {
    const region = await aRegion();
    region.ec2.faults.lagReads(600_000);
    const [id = ""] = await runningInstances(region);
    expect(region.ec2.machines.list()).toMatchObject([{ instanceId: id, state: "running" }]);
  });
});
