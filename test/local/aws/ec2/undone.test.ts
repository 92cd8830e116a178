import {
  DescribeInstanceAttributeCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aLaunch, aRegion, type Region } from "./region.ts";
import { describeOne, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

const start = ({ client }: Region, ...InstanceIds: string[]) => client.send(new StartInstancesCommand({ InstanceIds }));
const stop = ({ client }: Region, InstanceIds: readonly string[], Force = false) =>
  client.send(new StopInstancesCommand({ InstanceIds: [...InstanceIds], Force }));

describe("a start that EC2 undoes", () => {
  test("is accepted, and the instance is stopped again with EC2's reason", async () => {
    const region = await aRegion();
    const [undone = "", other = ""] = await stoppedInstances(region, { MaxCount: 2 });
    region.ec2.faults.failStarts([undone], "Client.InternalError");
    await start(region, undone, other);
    expect(await stateOf(region, undone)).toBe("pending");
    await region.clock.sleep(1500);
    expect(await describeOne(region, undone)).toMatchObject({
      State: { Name: "stopped" },
      StateReason: { Code: "Client.InternalError", Message: "Client.InternalError: Client error on launch" },
      StateTransitionReason: "Client.InternalError",
    });
    expect(await stateOf(region, other)).toBe("pending");
    region.ec2.faults.failStarts([], "Client.InternalError");
    await start(region, undone);
    await region.clock.sleep(20_000);
    expect(await stateOf(region, undone)).toBe("running");
  });

  test("can be selected by zone and type", async () => {
    const region = await aRegion();
    const [id = ""] = await stoppedInstances(region);
    region.ec2.faults.failStarts(({ zone }) => zone === "us-east-1a", "Server.InsufficientInstanceCapacity");
    await start(region, id);
    await region.clock.sleep(1500);
    const states = region.events.flatMap(({ detail }) => (detail as { state?: string }).state ?? []);
    expect(states.slice(-2)).toEqual(["pending", "stopped"]);
  });
});

test("a launch that EC2 undoes is accepted, and the instance is terminated with EC2's reason", async () => {
  const region = await aRegion();
  region.ec2.faults.failLaunches(1, "Client.VolumeLimitExceeded");
  const [undone = "", other = ""] = await launch(region, { MaxCount: 2 });
  await region.clock.sleep(20_000);
  expect(await describeOne(region, undone)).toMatchObject({
    State: { Name: "terminated" },
    StateReason: { Code: "Server.InternalError", Message: "Client.VolumeLimitExceeded: Volume limit exceeded" },
  });
  expect(await stateOf(region, other)).toBe("running");
});

describe("stop protection", () => {
  test("of one instance makes the whole call fail", async () => {
    const region = await aRegion();
    const ids = await runningInstances(region, { MaxCount: 2 });
    region.ec2.faults.protectStop(ids[0] ?? "", true);
    await expect(stop(region, ids)).rejects.toMatchObject({
      name: "OperationNotPermitted",
      message: `The instance '${ids[0]}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
    });
    await expect(stop(region, ids, true)).rejects.toMatchObject({ name: "OperationNotPermitted" });
    expect(await stateOf(region, ids[1] ?? "")).toBe("running");
    region.ec2.faults.protectStop(ids[0] ?? "", false);
    await stop(region, ids);
  });

  test("can be set in the launch, and protects from termination too", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, { DisableApiStop: true });
    const attribute = await region.client.send(
      new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: "disableApiStop" }),
    );
    expect(attribute.DisableApiStop).toEqual({ Value: true });
    await expect(region.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: "OperationNotPermitted",
    });
  });

  test("does not keep the instance from shutting itself down", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, { DisableApiStop: true });
    region.ec2.machines.powerOff(id);
    expect(await stateOf(region, id)).toBe("stopping");
  });
});

describe("a pending instance", () => {
  test("cannot be stopped before it ran once", async () => {
    const region = await aRegion();
    const { Instances = [] } = await region.client.send(new RunInstancesCommand(aLaunch()));
    const id = Instances[0]?.InstanceId ?? "";
    await expect(stop(region, [id])).rejects.toMatchObject({
      name: "IncorrectInstanceState",
      message: `Instance '${id}' cannot be stopped as it has never reached the 'running' state.`,
    });
  });

  test("can be stopped during a later start", async () => {
    const region = await aRegion();
    const ids = await stoppedInstances(region);
    await start(region, ...ids);
    await stop(region, ids);
    await region.clock.sleep(31_000);
    expect(await stateOf(region, ids[0] ?? "")).toBe("stopped");
  });
});

describe("a stop", () => {
  test("can take minutes", async () => {
    const region = await aRegion();
    const ids = await runningInstances(region);
    region.ec2.faults.slowStops(300_000);
    await stop(region, ids);
    await region.clock.sleep(299_000);
    expect(await stateOf(region, ids[0] ?? "")).toBe("stopping");
    await region.clock.sleep(2_000);
    expect(await stateOf(region, ids[0] ?? "")).toBe("stopped");
  });

  test("can hang until it is forced", async () => {
    const region = await aRegion();
    const ids = await runningInstances(region);
    region.ec2.faults.hangStops(ids);
    await stop(region, ids);
    await region.clock.sleep(3_600_000);
    expect(await stateOf(region, ids[0] ?? "")).toBe("stopping");
    await stop(region, ids, true);
    await region.clock.sleep(5_000);
    expect(await stateOf(region, ids[0] ?? "")).toBe("stopped");
  });
});
