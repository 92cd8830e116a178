import { StartInstancesCommand, StopInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion } from "./region.ts";
import { describeOne, launch, runningInstances, stateOf, stoppedInstances } from "./steps.ts";

describe("an instance", () => {
  test("is pending for 12 to 18 s after the launch, then running", async () => {
    const region = await aRegion();
    const [id = ""] = await launch(region);
    await region.clock.sleep(11_000);
    expect(await stateOf(region, id)).toBe("pending");
    await region.clock.sleep(8_000);
    expect(await stateOf(region, id)).toBe("running");
  });

  test("keeps its address and name while stopped, and gets a new launch time when it starts", async () => {
    const region = await aRegion();
    const [id = ""] = await stoppedInstances(region);
    const before = await describeOne(region, id);
    expect(before).toMatchObject({
      State: { Code: 80, Name: "stopped" },
      StateReason: { Code: "Client.UserInitiatedShutdown" },
      PrivateIpAddress: "10.0.0.4",
      PrivateDnsName: "ip-10-0-0-4.ec2.internal",
    });
    const { StartingInstances } = await region.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect(StartingInstances).toEqual([
      {
        InstanceId: id,
        CurrentState: { Code: 0, Name: "pending" },
        PreviousState: { Code: 80, Name: "stopped" },
      },
    ]);
    await region.clock.sleep(20_000);
    const after = await describeOne(region, id);
    expect(after?.PrivateIpAddress).toBe("10.0.0.4");
    expect(after?.LaunchTime?.getTime()).toBeGreaterThan(before?.LaunchTime?.getTime() ?? Number.POSITIVE_INFINITY);
  });

  test("cannot start while stopping, but can once it has stopped", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    await region.client.send(new StopInstancesCommand({ InstanceIds: [id] }));
    await expect(region.client.send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: "IncorrectInstanceState",
      message: `The instance '${id}' is not in a state from which it can be started.`,
    });
    await region.clock.sleep(31_000);
    await region.client.send(new StartInstancesCommand({ InstanceIds: [id] }));
    expect(await stateOf(region, id)).toBe("pending");
  });

  test("cannot be stopped while pending", async () => {
    const region = await aRegion();
    const [id = ""] = await launch(region);
    await expect(region.client.send(new StopInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: "IncorrectInstanceState",
    });
  });

  test("does not change if started while running or stopped while stopped", async () => {
    const region = await aRegion();
    const [running = ""] = await runningInstances(region);
    await region.client.send(new StartInstancesCommand({ InstanceIds: [running] }));
    expect(await stateOf(region, running)).toBe("running");
    const [stopped = ""] = await stoppedInstances(region);
    await region.client.send(new StopInstancesCommand({ InstanceIds: [stopped] }));
    expect(await stateOf(region, stopped)).toBe("stopped");
  });

  test("stops sooner if forced", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    await region.client.send(new StopInstancesCommand({ InstanceIds: [id], Force: true }));
    await region.clock.sleep(6_000);
    expect(await stateOf(region, id)).toBe("stopped");
  });

  test("has no network once terminated, stays visible for an hour, and is then not found", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    await region.client.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    expect(await stateOf(region, id)).toBe("shutting-down");
    await region.clock.sleep(24_000);
    const ended = await describeOne(region, id);
    expect(ended).toMatchObject({
      State: { Code: 48, Name: "terminated" },
      PrivateDnsName: "",
      BlockDeviceMappings: [],
    });
    expect(ended?.PrivateIpAddress).toBeUndefined();
    expect(ended?.SubnetId).toBeUndefined();
    await region.clock.sleep(61 * 60_000);
    await expect(describeOne(region, id)).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
  });

  test("cannot be started after termination", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    region.ec2.faults.terminate(id);
    await region.clock.sleep(24_000);
    await expect(region.client.send(new StartInstancesCommand({ InstanceIds: [id] }))).rejects.toMatchObject({
      name: "IncorrectInstanceState",
    });
  });

  test("emits an event for each state change", async () => {
    const region = await aRegion();
    const [id = ""] = await stoppedInstances(region);
    expect(region.events).toEqual(
      ["pending", "running", "stopping", "stopped"].map((state) => ({
        source: "aws.ec2",
        detailType: "EC2 Instance State-change Notification",
        resources: [`arn:aws:ec2:us-east-1:123456789012:instance/${id}`],
        detail: { "instance-id": id, state },
      })),
    );
  });
});

describe("a machine", () => {
  test("that powers off stops the instance, which records that as the reason", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    region.ec2.machines.powerOff(id);
    expect(await stateOf(region, id)).toBe("stopping");
    await region.clock.sleep(31_000);
    expect(await describeOne(region, id)).toMatchObject({
      State: { Name: "stopped" },
      StateReason: { Code: "Client.InstanceInitiatedShutdown" },
    });
  });

  test("that powers off terminates the instance if that is its shutdown behavior", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region, { InstanceInitiatedShutdownBehavior: "terminate" });
    region.ec2.machines.powerOff(id);
    expect(await stateOf(region, id)).toBe("shutting-down");
  });

  test("reports each state change with the user data and the boot number", async () => {
    const region = await aRegion();
    const seen: string[] = [];
    region.ec2.machines.subscribe(({ machine, state }) => seen.push(`${state} ${machine.boot} ${machine.userData}`));
    const [id = ""] = await stoppedInstances(region, { UserData: Buffer.from("#!/bin/bash\n").toString("base64") });
    region.ec2.faults.start(id);
    await region.clock.sleep(20_000);
    const script = "#!/bin/bash\n";
    expect(seen).toEqual(
      ["pending 1", "running 1", "stopping 1", "stopped 1", "pending 2", "running 2"].map(
        (line) => `${line} ${script}`,
      ),
    );
  });
});
