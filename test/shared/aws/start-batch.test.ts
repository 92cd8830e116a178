import { EC2Client, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { createRetryStrategy } from "../../../shared/aws/retry.ts";
import { startBatch } from "../../../shared/aws/start-batch.ts";
import { aLaunch, aRegion } from "../../local/aws/ec2/region.ts";

const ZONE = "us-east-1a";
const TYPE = "m5.large";
const atOnce = async () => {};

/** So many stopped instances of one zone and type, reached as the functions reach them. */
const stopped = async (count: number) => {
  const region = await aRegion();
  const client = new EC2Client({ ...region.front.client, retryStrategy: createRetryStrategy(3) });
  onTestFinished(() => client.destroy());
  region.ec2.faults.setThrottling(false);
  const { Instances = [] } = await client.send(new RunInstancesCommand(aLaunch({ MinCount: count, MaxCount: count })));
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  await region.clock.sleep(60_000);
  await client.send(new StopInstancesCommand({ InstanceIds: ids }));
  await region.clock.sleep(120_000);
  region.ec2.faults.setThrottling(true);
  const ec2 = createEc2(client, atOnce, atOnce);
  const before = region.ec2.calls().length;
  const calls = () =>
    region.ec2
      .calls()
      .slice(before)
      .filter(({ action }) => action === "StartInstances");
  const running = () => region.ec2.machines.list().filter(({ state }) => state === "pending" || state === "running");
  return { region, ec2, ids, calls, running };
};

describe("instances of one zone and type", () => {
  it("are started by one call", async () => {
    const { ec2, ids, calls } = await stopped(200);
    expect(await startBatch(ec2, ids)).toMatchObject({ started: ids, errors: [] });
    expect(calls()).toHaveLength(1);
  });

  it("are started as far as there is capacity, without asking for each of them", async () => {
    const { region, ec2, ids, calls, running } = await stopped(20);
    region.ec2.faults.setCapacity(ZONE, TYPE, 13);
    const outcome = await startBatch(ec2, ids);
    expect(outcome.started).toEqual(ids.slice(0, 13));
    expect(outcome.withoutCapacity).toEqual(ids.slice(13));
    expect(running()).toHaveLength(13);
    expect(calls().length).toBeLessThanOrEqual(7);
  });

  it("are asked for a few times only where there is no capacity at all", async () => {
    const { region, ec2, ids, calls } = await stopped(16);
    region.ec2.faults.setCapacity(ZONE, TYPE, 0);
    expect(await startBatch(ec2, ids)).toMatchObject({ started: [], withoutCapacity: ids, failed: [] });
    expect(calls()).toHaveLength(5);
  });

  it("of which one is gone are started without it", async () => {
    const { region, ec2, ids, calls } = await stopped(9);
    region.ec2.faults.terminate(ids[4] ?? "");
    await region.clock.sleep(60_000);
    const outcome = await startBatch(ec2, ids);
    expect(outcome.unable).toEqual([ids[4]]);
    expect(outcome.started.toSorted()).toEqual(ids.filter((_, index) => index !== 4).toSorted());
    expect(calls()).toHaveLength(2);
  });

  it("of which one is unknown to EC2 are started without it", async () => {
    const { ec2, ids } = await stopped(3);
    const outcome = await startBatch(ec2, ["i-00000000000000001", ...ids]);
    expect(outcome).toMatchObject({ started: ids, unable: ["i-00000000000000001"] });
  });

  it("that run already count as started", async () => {
    const { region, ec2, ids } = await stopped(2);
    region.ec2.faults.failNext("StartInstances", { code: "InternalError", status: 500, times: 3, when: "after" });
    expect(await startBatch(ec2, ids)).toMatchObject({ started: ids, failed: [] });
  });

  it("are not asked for again while EC2 throttles", async () => {
    const { region, ec2, ids, calls } = await stopped(4);
    region.ec2.faults.failNext("StartInstances", { code: "RequestLimitExceeded", times: 9 });
    const outcome = await startBatch(ec2, ids);
    expect(outcome).toMatchObject({ started: [], failed: ids });
    expect(outcome.errors).toHaveLength(1);
    expect(calls().length).toBeLessThanOrEqual(3);
  });
});

it("leaves out the one instance that fails a batch for a reason of its own", async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `i-${String(index).padStart(17, "0")}`);
  const calls: (readonly string[])[] = [];
  const ec2 = {
    startInstances: async (batch: readonly string[]) => {
      calls.push(batch);
      if (!batch.includes(ids[31] ?? "")) return;
      throw Object.assign(new Error("a volume's key is disabled"), { name: "InvalidKMSKey", $fault: "client" });
    },
    describeInstances: async () => ids.map((instanceId) => ({ instanceId, state: "stopped" })) as never,
  };
  const outcome = await startBatch(ec2, ids);
  expect(outcome.failed).toEqual([ids[31]]);
  expect(outcome.started).toHaveLength(49);
  expect(calls.length).toBeLessThanOrEqual(13);
});
