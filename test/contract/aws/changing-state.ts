import {
  DescribeInstancesCommand,
  type Instance,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documented } from "../documented.ts";
import type { Connect, Implementation } from "./cloud.ts";
import { createLauncher, type Launch, type Launcher } from "./launcher.ts";

const LIFECYCLE = `"Amazon EC2 instance state changes" (Amazon EC2 User Guide)`;
const ERROR_CODES = `"Error codes for the Amazon EC2 API" (Amazon EC2 Developer Guide)`;
const NO_SUCH_ID = "i-0123456789abcdef0";
const ACCEPTED = /resolved .* instead of rejecting/;

export const describeChangesOfState = (implementation: Implementation, connect: Connect): void => {
  describe(`Start, Stop and TerminateInstances on ${implementation}`, () => {
    let launcher: Launcher;
    beforeAll(async () => {
      launcher = await createLauncher(await connect());
    });
    afterAll(() => launcher.release());

    const send = {
      start: (...InstanceIds: string[]) => launcher.cloud.ec2.send(new StartInstancesCommand({ InstanceIds })),
      stop: (...InstanceIds: string[]) => launcher.cloud.ec2.send(new StopInstancesCommand({ InstanceIds })),
      terminate: (...InstanceIds: string[]) => launcher.cloud.ec2.send(new TerminateInstancesCommand({ InstanceIds })),
    };
    const look = async (id: string): Promise<Instance> => {
      const [instance] = await launcher.describe([id]);
      if (!instance) throw new Error(`${id} cannot be seen`);
      return instance;
    };
    const stopped = async (changes?: Launch) => {
      const ids = await launcher.running(changes);
      await send.stop(...ids);
      await launcher.untilAll(ids, "stopped");
      return ids;
    };

    test("an instance passes through stopping, and reports who stopped it", async () => {
      const [id = ""] = await launcher.running();
      expect((await send.stop(id)).StoppingInstances).toEqual([
        { InstanceId: id, CurrentState: { Code: 64, Name: "stopping" }, PreviousState: { Code: 16, Name: "running" } },
      ]);
      await launcher.untilAll([id], "stopped");
      expect(await look(id)).toMatchObject({
        State: { Code: 80 },
        StateReason: { Code: "Client.UserInitiatedShutdown" },
        StateTransitionReason: expect.stringMatching(/^User initiated \(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/),
      });
    });

    test("an instance starts through pending, and keeps its identity", async () => {
      const [id = ""] = await stopped();
      const { PrivateIpAddress, PrivateDnsName, SubnetId } = await look(id);
      expect((await send.start(id)).StartingInstances).toEqual([
        { InstanceId: id, CurrentState: { Code: 0, Name: "pending" }, PreviousState: { Code: 80, Name: "stopped" } },
      ]);
      await launcher.untilAll([id], "running");
      expect(await look(id)).toMatchObject({ PrivateIpAddress, PrivateDnsName, SubnetId });
    });

    test("a stopped instance keeps its address", async () => {
      const [id = ""] = await launcher.running();
      const { PrivateIpAddress } = await look(id);
      await send.stop(id);
      await launcher.untilAll([id], "stopped");
      expect(await look(id)).toMatchObject({ PrivateIpAddress });
    });

    test("a terminated instance remains visible, and can be terminated again", async () => {
      const [id = ""] = await launcher.running();
      expect((await send.terminate(id)).TerminatingInstances).toMatchObject([
        { InstanceId: id, CurrentState: { Code: 32, Name: "shutting-down" }, PreviousState: { Code: 16 } },
      ]);
      await launcher.untilAll([id], "terminated");
      expect(await look(id)).toMatchObject({
        State: { Code: 48 },
        StateReason: { Code: "Client.UserInitiatedShutdown" },
      });
      await send.terminate(id);
      expect(await look(id)).toMatchObject({ State: { Name: "terminated" } });
    });

    test("a stopped instance can be terminated", async () => {
      const [id = ""] = await stopped();
      await send.terminate(id);
      await launcher.untilAll([id], "terminated");
    });

    const behaviours: readonly (readonly [
      string,
      source: string,
      moto: readonly [string, RegExp],
      () => Promise<void>,
    ])[] = [
      [
        "an instance's launch time is that of its last start",
        `"Instance", launchTime (Amazon EC2 API Reference)`,
        ["keeps that of the first start", /to be greater than/],
        async () => {
          const [id = ""] = await stopped();
          const before = await look(id);
          await launcher.cloud.pass(1100);
          await send.start(id);
          const { LaunchTime } = await look(id);
          expect(LaunchTime?.getTime()).toBeGreaterThan(before.LaunchTime?.getTime() ?? Number.POSITIVE_INFINITY);
        },
      ],
      [
        "a protected instance is not terminated",
        `"Change instance termination protection" (Amazon EC2 User Guide)`,
        ["ignores DisableApiTermination in a launch", ACCEPTED],
        async () => {
          // Not launched by the launcher, which could not terminate it.
          const protectedOnes = new RunInstancesCommand(launcher.request({ DisableApiTermination: true }));
          const { Instances = [] } = await launcher.cloud.ec2.send(protectedOnes);
          const id = Instances[0]?.InstanceId ?? "";
          await launcher.untilAll([id], "running");
          await expect(send.terminate(id)).rejects.toMatchObject({ name: "OperationNotPermitted" });
          expect(await look(id)).toMatchObject({ State: { Name: "running" } });
        },
      ],
      [
        "a terminated instance has lost its address and its disks",
        `"What happens when you terminate an instance" (Amazon EC2 User Guide)`,
        ["keeps the address", /PrivateIpAddress|to be undefined/],
        async () => {
          const [id = ""] = await launcher.running();
          await send.terminate(id);
          await launcher.untilAll([id], "terminated");
          const { PrivateIpAddress, BlockDeviceMappings = [] } = await look(id);
          expect(PrivateIpAddress).toBeUndefined();
          expect(BlockDeviceMappings).toEqual([]);
        },
      ],
      [
        "starting a running instance and stopping a stopped one changes nothing",
        `"StartInstances" and "StopInstances" (Amazon EC2 API Reference)`,
        ["reports it as pending", /to match object/],
        async () => {
          const [id = ""] = await launcher.running();
          const running = { CurrentState: { Name: "running" }, PreviousState: { Name: "running" } };
          expect((await send.start(id)).StartingInstances).toMatchObject([running]);
          await send.stop(id);
          await launcher.untilAll([id], "stopped");
          const stays = { CurrentState: { Name: "stopped" }, PreviousState: { Name: "stopped" } };
          expect((await send.stop(id)).StoppingInstances).toMatchObject([stays]);
        },
      ],
      [
        "a terminated instance cannot be started",
        `"IncorrectInstanceState", ${ERROR_CODES}`,
        ["revives it", ACCEPTED],
        async () => {
          const [id = ""] = await launcher.running();
          await send.terminate(id);
          await launcher.untilAll([id], "terminated");
          await expect(send.start(id)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
        },
      ],
      [
        "a terminated instance cannot be stopped",
        `"IncorrectInstanceState", ${ERROR_CODES}`,
        ["stops it", ACCEPTED],
        async () => {
          const [id = ""] = await launcher.running();
          await send.terminate(id);
          await launcher.untilAll([id], "terminated");
          await expect(send.stop(id)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
        },
      ],
      [
        "an instance that is stopping cannot be started",
        LIFECYCLE,
        ["stops at once and starts it", ACCEPTED],
        async () => {
          const [id = ""] = await launcher.running();
          await send.stop(id);
          await expect(send.start(id)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
        },
      ],
      [
        "an instance that cannot be started fails the whole call",
        `"StartInstances" (Amazon EC2 API Reference)`,
        ["revives it", ACCEPTED],
        async () => {
          const [good = "", bad = ""] = await stopped({ MinCount: 2, MaxCount: 2 });
          await send.terminate(bad);
          await launcher.untilAll([bad], "terminated");
          await expect(send.start(good, bad)).rejects.toMatchObject({ name: "IncorrectInstanceState" });
          expect(await look(good)).toMatchObject({ State: { Name: "stopped" } });
        },
      ],
      [
        "a one-time spot instance cannot be stopped",
        `"Stop a Spot Instance" (Amazon EC2 User Guide)`,
        ["stops it", ACCEPTED],
        async () => {
          const [id = ""] = await launcher.running({ InstanceMarketOptions: { MarketType: "spot" } });
          await expect(send.stop(id)).rejects.toMatchObject({ name: "UnsupportedOperation" });
        },
      ],
    ];
    for (const [name, source, moto, body] of behaviours) {
      documented(implementation, { name, source, deviations: { moto } }, body);
    }

    test.each(["start", "stop", "terminate"] as const)(
      "with one unknown id, %s changes no instance",
      async (action) => {
        const ids = action === "start" ? await stopped() : await launcher.running();
        await expect(send[action](...ids, NO_SUCH_ID)).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
        expect(await look(ids[0] ?? "")).toMatchObject({ State: { Name: action === "start" ? "stopped" : "running" } });
      },
    );

    test("an error names all unknown ids", async () => {
      const others = ["i-0123456789abcdef1", "i-0123456789abcdef2"];
      await expect(send.start(...others)).rejects.toThrow(new RegExp(others.join(", ")));
    });

    documented(
      implementation,
      {
        name: "a string that cannot be an id is malformed",
        source: `"InvalidInstanceID.Malformed", ${ERROR_CODES}`,
        deviations: { moto: ["does not find it", /InvalidInstanceID.NotFound/] },
      },
      async () => {
        await expect(send.start("i-node")).rejects.toMatchObject({ name: "InvalidInstanceID.Malformed" });
      },
    );

    test("an unknown id fails a Describe that names it, and is omitted by a filter", async () => {
      const named = launcher.cloud.ec2.send(new DescribeInstancesCommand({ InstanceIds: [NO_SUCH_ID] }));
      await expect(named).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
      expect(await launcher.describe([NO_SUCH_ID])).toEqual([]);
    });

    documented(
      implementation,
      {
        name: "a client token whose instance is terminated launches nothing new",
        source: `"IdempotentInstanceTerminated", ${ERROR_CODES}`,
        deviations: { moto: ["ignores client tokens", ACCEPTED] },
      },
      async () => {
        const [id = ""] = await launcher.running({ ClientToken: "ended" });
        await send.terminate(id);
        await launcher.untilAll([id], "terminated");
        const again = launcher.cloud.ec2.send(new RunInstancesCommand(launcher.request({ ClientToken: "ended" })));
        await expect(again).rejects.toMatchObject({ name: "IdempotentInstanceTerminated" });
      },
    );
  });
};
