import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { createRetryStrategy } from "../../../shared/aws/retry.ts";
import { terminateBatch } from "../../../shared/aws/terminate-batch.ts";
import { aLaunch, aRegion } from "../../local/aws/ec2/region.ts";

const atOnce = async () => {};
const UNKNOWN = "i-0123456789abcdef0";

/** So many instances of one zone, reached as the functions reach them. */
const running = async (count: number) => {
  const region = await aRegion();
  const client = new EC2Client({ ...region.front.client, retryStrategy: createRetryStrategy(1) });
  onTestFinished(() => client.destroy());
  const { Instances = [] } = await client.send(new RunInstancesCommand(aLaunch({ MinCount: count, MaxCount: count })));
  await region.clock.sleep(60_000);
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const left = () =>
    region.ec2.machines
      .list()
      .filter(({ state }) => state === "running")
      .map(({ instanceId }) => instanceId);
  const calls = () => region.ec2.calls().filter(({ action }) => action === "TerminateInstances").length;
  return { faults: region.ec2.faults, ec2: createEc2(client, atOnce, atOnce), ids, left, calls };
};

describe("terminating", () => {
  it("takes one call where nothing is in its way", async () => {
    const { ec2, ids, left, calls } = await running(50);
    expect(await terminateBatch(ec2, ids)).toEqual({ refused: [], failed: [], errors: [] });
    expect([left(), calls()]).toEqual([[], 1]);
  });

  it("ends all but the protected ones, which are named with EC2's reason", async () => {
    const { faults, ec2, ids, left, calls } = await running(20);
    const kept = [ids[3], ids[11]].flatMap((id) => id ?? []);
    for (const id of kept) faults.protect(id, true);
    const { refused, failed, errors } = await terminateBatch(ec2, ids);
    expect(refused.map(({ instanceId }) => instanceId).toSorted()).toEqual(kept.toSorted());
    expect(refused[0]?.message).toContain("disableApiTermination");
    expect([failed, errors]).toEqual([[], []]);
    expect(left().toSorted()).toEqual(kept.toSorted());
    expect(calls()).toBe(3);
  });

  it("passes over what EC2 does not know", async () => {
    const { ec2, ids, left } = await running(3);
    expect(await terminateBatch(ec2, [UNKNOWN, ...ids])).toEqual({ refused: [], failed: [], errors: [] });
    expect(left()).toEqual([]);
  });

  it("gives a call that fails for all of them back as failed", async () => {
    const { faults, ec2, ids, left } = await running(3);
    faults.failNext("TerminateInstances", { code: "RequestLimitExceeded" });
    const { failed, errors } = await terminateBatch(ec2, ids);
    expect(failed).toEqual(ids);
    expect(errors).toHaveLength(1);
    expect(left()).toHaveLength(3);
  });
});
