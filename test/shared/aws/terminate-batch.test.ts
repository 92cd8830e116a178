import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { createRetryStrategy } from "../../../shared/aws/retry.ts";
import { terminateBatch } from "../../../shared/aws/terminate-batch.ts";
import { aLaunch, aRegion } from "../../local/aws/ec2/region.ts";

const noLimit = async () => {};
const UNKNOWN = "i-0123456789abcdef0";

/** `count` running instances of one zone, and a client configured like the functions' client. */
const running = async (count: number) => {
  const region = await aRegion();
  const client = new EC2Client({ ...region.gateway.client, retryStrategy: createRetryStrategy(1) });
  onTestFinished(() => client.destroy());
  const { Instances = [] } = await client.send(new RunInstancesCommand(aLaunch({ MinCount: count, MaxCount: count })));
  await region.clock.sleep(60_000);
  const ids = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  const remaining = () =>
    region.ec2.machines
      .list()
      .filter(({ state }) => state === "running")
      .map(({ instanceId }) => instanceId);
  const calls = () => region.ec2.calls().filter(({ action }) => action === "TerminateInstances").length;
  return { faults: region.ec2.faults, ec2: createEc2(client, noLimit, noLimit), ids, remaining, calls };
};

describe("terminating", () => {
  it("takes one call if no instance fails", async () => {
    const { ec2, ids, remaining, calls } = await running(50);
    expect(await terminateBatch(ec2, ids)).toEqual({ refused: [], failed: [], errors: [] });
    expect([remaining(), calls()]).toEqual([[], 1]);
  });

  it("terminates all but the protected instances, which it reports with EC2's reason", async () => {
    const { faults, ec2, ids, remaining, calls } = await running(20);
    const kept = [ids[3], ids[11]].flatMap((id) => id ?? []);
    for (const id of kept) faults.protect(id, true);
    const { refused, failed, errors } = await terminateBatch(ec2, ids);
    expect(refused.map(({ instanceId }) => instanceId).toSorted()).toEqual(kept.toSorted());
    expect(refused[0]?.message).toContain("disableApiTermination");
    expect([failed, errors]).toEqual([[], []]);
    expect(remaining().toSorted()).toEqual(kept.toSorted());
    expect(calls()).toBe(3);
  });

  it("ignores ids that EC2 does not know", async () => {
    const { ec2, ids, remaining } = await running(3);
    expect(await terminateBatch(ec2, [UNKNOWN, ...ids])).toEqual({ refused: [], failed: [], errors: [] });
    expect(remaining()).toEqual([]);
  });

  it("reports all instances as failed if the whole call fails", async () => {
    const { faults, ec2, ids, remaining } = await running(3);
    faults.failNext("TerminateInstances", { code: "RequestLimitExceeded" });
    const { failed, errors } = await terminateBatch(ec2, ids);
    expect(failed).toEqual(ids);
    expect(errors).toHaveLength(1);
    expect(remaining()).toHaveLength(3);
  });
});
