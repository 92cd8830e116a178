import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEc2 } from "../../../../shared/aws/ec2-client.ts";
import { createInstanceHealthCache } from "../../../../shared/reconcilers/caches/instance-health.ts";
import { aLaunch, aRegion } from "../../../local/aws/ec2/region.ts";
import { countingTelemetry } from "../../queue/in-memory.ts";

const HOUR = 3_600_000;

/** Three running instances that pass their status checks. */
const running = async () => {
  const region = await aRegion();
  const client = new EC2Client(region.gateway.client);
  onTestFinished(() => client.destroy());
  const { Instances = [] } = await client.send(new RunInstancesCommand(aLaunch({ MinCount: 3, MaxCount: 3 })));
  await region.clock.sleep(5 * 60_000);
  const [one = "", two = "", three = ""] = Instances.flatMap(({ InstanceId }) => InstanceId ?? []);
  return { ...region, faults: region.ec2.faults, api: createEc2(client), one, two, three };
};

describe("unhealthy instances", () => {
  it("are those that fail a status check or have a scheduled event", async () => {
    const { faults, api, clock, one, two } = await running();
    expect(await api.describeInstanceHealth()).toEqual([]);
    const since = Math.floor(clock.now() / 1000) * 1000;
    faults.impair(one, "system");
    faults.schedule(two, "instance-retirement", since + HOUR);
    const found = new Map((await api.describeInstanceHealth()).map((health) => [health.instanceId, health]));
    expect([...found.keys()].toSorted()).toEqual([one, two].toSorted());
    expect(found.get(one)?.impaired).toEqual({ check: "system", since });
    expect(found.get(two)?.event).toMatchObject({ code: "instance-retirement", notBefore: since + HOUR });
  });

  it("are healthy again after a start on another host", async () => {
    const { faults, api, clock, one, two } = await running();
    faults.impair(one, "instance");
    faults.schedule(two, "instance-stop", clock.now() + HOUR);
    await api.stopInstances([one, two]);
    await clock.sleep(60_000);
    await api.startInstances([one, two]);
    await clock.sleep(5 * 60_000);
    expect(await api.describeInstanceHealth()).toEqual([]);
  });

  it("are looked up once a minute, and the last result is kept while EC2 does not answer", async () => {
    const { ec2, faults, api, one } = await running();
    const healthAt = createInstanceHealthCache(api, countingTelemetry());
    const calls = () => ec2.calls().filter(({ action }) => action === "DescribeInstanceStatus").length;
    faults.impair(one, "system");
    expect([...(await healthAt(0)).keys()]).toEqual([one]);
    const callsPerLookup = calls();
    await healthAt(59_000);
    expect(calls()).toBe(callsPerLookup);
    faults.failNext("DescribeInstanceStatus", { code: "InvalidParameterValue" });
    expect([...(await healthAt(60_000)).keys()]).toEqual([one]);
    expect(calls()).toBe(2 * callsPerLookup);
  });
});
