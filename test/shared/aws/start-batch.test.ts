import { EC2Client, RunInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { createRetryStrategy } from "../../../shared/aws/retry.ts";
import { startBatch } from "../../../shared/aws/start-batch.ts";
import { aLaunch, aRegion } from "../../local/aws/ec2/region.ts";

const ZONE = "us-east-1a";
const TYPE = "m5.large";
const noLimit = async () => {};

/** `count` stopped instances of one zone and type, and a client configured like the functions' client. */
const stopped = async (count: number) => {
  const region = await aRegion();
  const client = new EC2Client({ ...region.gateway.client, retryStrategy: createRetryStrategy(3) });
  onTestFinished(() => client.destroy());
  region.ec2.faults.setThrottling(false);
  const { Instances = [] } = await client.send(new RunInstancesCommand(aLaunch({ MinCount: count, MaxCount: count })));
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  await region.clock.sleep(60_000);
  await client.send(new StopInstancesCommand({ InstanceIds: ids }));
  await region.clock.sleep(120_000);
  region.ec2.faults.setThrottling(true);
  const ec2 = createEc2(client, noLimit, noLimit);
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
  it("are started with one call", async () => {
    const { ec2, ids, calls } = await stopped(200);
    expect(await startBatch(ec2, ids)).toMatchObject({ started: ids, errors: [] });
    expect(calls()).toHaveLength(1);
  });

  it("are started as far as capacity allows, without a call for each of them", async () => {
    const { region, ec2, ids, calls, running } = await stopped(20);
    region.ec2.faults.setCapacity(ZONE, TYPE, 13);
    const outcome = await startBatch(ec2, ids);
    expect(outcome.started).toEqual(ids.slice(0, 13));
    expect(outcome.withoutCapacity).toEqual(ids.slice(13));
    expect(running()).toHaveLength(13);
    expect(calls().length).toBeLessThanOrEqual(7);
  });

  it("cost few calls if there is no capacity at all", async () => {
    const { region, ec2, ids, calls } = await stopped(16);
    region.ec2.faults.setCapacity(ZONE, TYPE, 0);
    expect(await startBatch(ec2, ids)).toMatchObject({ started: [], withoutCapacity: ids, failed: [] });
    expect(calls()).toHaveLength(5);
  });

  it("are started without one that is gone", async () => {
    const { region, ec2, ids, calls } = await stopped(9);
    region.ec2.faults.terminate(ids[4] ?? "");
    await region.clock.sleep(60_000);
    const outcome = await startBatch(ec2, ids);
    expect(outcome.unstartable).toEqual([ids[4]]);
    expect(outcome.started.toSorted()).toEqual(ids.filter((_, index) => index !== 4).toSorted());
    expect(calls()).toHaveLength(2);
  });

  it("are started without one that EC2 does not know", async () => {
    const { ec2, ids } = await stopped(3);
    const outcome = await startBatch(ec2, ["i-00000000000000001", ...ids]);
    expect(outcome).toMatchObject({ started: ids, unstartable: ["i-00000000000000001"] });
  });

  it("that are already running count as started", async () => {
    const { region, ec2, ids } = await stopped(2);
    region.ec2.faults.failNext("StartInstances", { code: "InternalError", status: 500, times: 3, when: "after" });
    expect(await startBatch(ec2, ids)).toMatchObject({ started: ids, failed: [] });
  });

  it("are not retried while EC2 throttles", async () => {
    const { region, ec2, ids, calls } = await stopped(4);
    region.ec2.faults.failNext("StartInstances", { code: "RequestLimitExceeded", times: 9 });
    const outcome = await startBatch(ec2, ids);
    expect(outcome).toMatchObject({ started: [], failed: ids });
    expect(outcome.errors).toHaveLength(1);
    expect(calls().length).toBeLessThanOrEqual(3);
  });
});

it("isolates one instance that makes the batch fail for another reason", async () => {
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
