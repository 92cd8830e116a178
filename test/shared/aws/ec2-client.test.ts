import { DescribeVolumesCommand } from "@aws-sdk/client-ec2";
import { describe, expect, it } from "vitest";
import { createEc2 } from "../../../shared/aws/ec2-client.ts";
import { isIdempotencyMismatch, isIncorrectState, isNotFound } from "../../../shared/aws/errors.ts";
import { packUserData } from "../../../shared/bootstrap/render.ts";
import { aRegion } from "../../local/aws/ec2/region.ts";
import { aHardware } from "../capacity/builders.ts";
import { aSpec, TAGS } from "./launch-spec.ts";

const anEc2 = async () => {
  const region = await aRegion();
  return { region, ec2: createEc2(region.client) };
};

describe("a launch", () => {
  it("returns tagged instances in launch index order, with their volume settings, and they stop when they power off", async () => {
    const { region, ec2 } = await anEc2();
    const launched = await ec2.runInstances(aSpec({ count: 3 }));
    expect(launched.map(({ amiLaunchIndex }) => amiLaunchIndex)).toEqual([0, 1, 2]);
    expect(launched[0]).toMatchObject({ state: "pending", zone: "us-east-1a", clientToken: "token-1", tags: TAGS });
    const { Volumes = [] } = await region.client.send(new DescribeVolumesCommand({}));
    const [volume] = Volumes;
    expect(volume).toMatchObject({ Size: 30, VolumeType: "gp3", Encrypted: true });
    expect(Object.fromEntries((volume?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual(TAGS);
    await region.clock.sleep(30_000);
    const id = launched[0]?.instanceId ?? "";
    region.ec2.machines.powerOff(id);
    await region.clock.sleep(60_000);
    expect(await ec2.describeInstances({ ids: [id] })).toMatchObject([{ state: "stopped" }]);
  });

  it("sends every field of a volume", async () => {
    const { region, ec2 } = await anEc2();
    const data = {
      deviceName: "/dev/xvdb",
      volumeSize: 100,
      volumeType: "gp3",
      encrypted: true,
      kmsKeyId: "alias/ours",
      snapshotId: "snap-0123456789abcdef9",
      volumeInitializationRate: 200,
      deleteOnTermination: false,
    };
    await ec2.runInstances(aSpec({ count: 1, blockDevices: [data] }));
    const { Volumes = [] } = await region.client.send(new DescribeVolumesCommand({}));
    const volume = Volumes.find(({ Attachments }) => Attachments?.[0]?.Device === "/dev/xvdb");
    expect(volume).toMatchObject({
      KmsKeyId: expect.stringMatching(/key\/ours$/),
      SnapshotId: "snap-0123456789abcdef9",
      VolumeInitializationRate: 200,
      Attachments: [{ DeleteOnTermination: false }],
    });
  });

  it.each(["training", "pg-0123456789abcdef0"])("goes into the placement group %s, by name or by id", async (group) => {
    const { region, ec2 } = await anEc2();
    region.ec2.world.placementGroups.add(group);
    await ec2.runInstances(aSpec({ count: 1, options: { placementGroup: group } }));
    expect(region.ec2.world.instances.all()).toMatchObject([{ placement: { groupName: group } }]);
  });

  it("sends user data unchanged", async () => {
    const { region, ec2 } = await anEc2();
    await ec2.runInstances(aSpec({ count: 1, userData: "#!/bin/bash\necho grüße\n" }));
    expect(region.ec2.machines.list()).toMatchObject([{ userData: "#!/bin/bash\necho grüße\n" }]);
  });

  it("sends compressed user data, which the instance decompresses", async () => {
    const { region, ec2 } = await anEc2();
    const text = `#!/bin/bash\n${"echo again\n".repeat(3000)}`;
    const { userData, userDataIsGzip } = packUserData(text);
    await ec2.runInstances(aSpec({ count: 1, userData, userDataIsGzip }));
    expect(region.ec2.machines.list()).toMatchObject([{ userData: text }]);
  });

  it("that is repeated returns the same instances, and fails with other parameters", async () => {
    const { ec2 } = await anEc2();
    const first = await ec2.runInstances(aSpec());
    const repeated = await ec2.runInstances(aSpec());
    expect(repeated.map(({ instanceId }) => instanceId)).toEqual(first.map(({ instanceId }) => instanceId));
    const mismatch = await ec2.runInstances(aSpec({ count: 1 })).catch((error) => error);
    expect(isIdempotencyMismatch(mismatch)).toBe(true);
  });
});

describe("describing", () => {
  it("omits ids that do not exist and accepts many ids", async () => {
    const { ec2 } = await anEc2();
    const launched = await ec2.runInstances(aSpec());
    const absent = Array.from({ length: 450 }, (_, index) => `i-${index.toString(16).padStart(17, "0")}`);
    const ids = [...absent, ...launched.map(({ instanceId }) => instanceId)];
    expect(await ec2.describeInstances({ ids })).toHaveLength(2);
    expect(await ec2.describeInstances({ ids: [] })).toEqual([]);
  });

  it("by tags finds the instances that have all of them", async () => {
    const { ec2 } = await anEc2();
    await ec2.runInstances(aSpec({ clientToken: "a", count: 1 }));
    const [other] = await ec2.runInstances(aSpec({ clientToken: "b", count: 1, tags: { ...TAGS, extra: "yes" } }));
    const found = await ec2.describeInstances({ tags: { ...TAGS, extra: "yes" } });
    expect(found.map(({ instanceId }) => instanceId)).toEqual([other?.instanceId]);
    expect(await ec2.describeInstances({ tags: TAGS })).toHaveLength(2);
  });

  it("by the token of a launch finds what that launch has made, terminated instances included", async () => {
    const { ec2 } = await anEc2();
    const [one] = await ec2.runInstances(aSpec({ clientToken: "a", count: 1 }));
    await ec2.runInstances(aSpec({ clientToken: "b", count: 1 }));
    await ec2.terminateInstances([one?.instanceId ?? ""]);
    expect(await ec2.describeInstances({ clientToken: "a" })).toMatchObject([{ instanceId: one?.instanceId }]);
    expect(await ec2.describeInstances({ clientToken: "c" })).toEqual([]);
  });

  it("an instance type returns its capacity, and undefined for an unknown one", async () => {
    const { ec2 } = await anEc2();
    expect(await ec2.describeInstanceType("m5.large")).toMatchObject({
      vcpus: 2,
      memoryMiB: 8192,
      maxPods: 29,
      devices: 0,
      platform: { ena: "required", nvme: "required", attachments: { max: 28, includeInterfaces: true } },
    });
    expect(await ec2.describeInstanceType("x9.gigantic")).toBeUndefined();
  });
});

describe("an instance", () => {
  it("can be launched, stopped, started, tagged and terminated", async () => {
    const { region, ec2 } = await anEc2();
    const ids = (await ec2.runInstances(aSpec())).map(({ instanceId }) => instanceId);
    const states = async () => (await ec2.describeInstances({ ids })).map(({ state }) => state);
    await region.clock.sleep(60_000);
    await ec2.stopInstances(ids, { force: true });
    await region.clock.sleep(60_000);
    expect(await states()).toEqual(["stopped", "stopped"]);
    await ec2.startInstances(ids);
    await region.clock.sleep(60_000);
    expect(await states()).toEqual(["running", "running"]);
    await ec2.tagInstances(ids, { "stratos.sh/state": "running" });
    expect(await ec2.describeInstances({ tags: { "stratos.sh/state": "running" } })).toHaveLength(2);
    await ec2.terminateInstances(ids);
    expect(await states()).toEqual(["shutting-down", "shutting-down"]);
  });

  it("can be changed to another type while it is stopped, and shows what it has", async () => {
    const { region, ec2 } = await anEc2();
    const [launched] = await ec2.runInstances(aSpec({ count: 1 }));
    const instanceId = launched?.instanceId ?? "";
    await region.clock.sleep(60_000);
    const early = await ec2.changeInstanceType(instanceId, "m6i.large").catch((thrown) => thrown);
    expect(isIncorrectState(early)).toBe(true);
    await ec2.stopInstances([instanceId]);
    await region.clock.sleep(60_000);
    await ec2.changeInstanceType(instanceId, "m6i.large");
    expect(await ec2.describeInstances({ ids: [instanceId] })).toMatchObject([{ instanceType: "m6i.large" }]);
    expect(await ec2.describeHardware([instanceId, "i-0123456789abcdef0"])).toEqual([
      aHardware({ instanceId, interfaces: [{ addressCount: 1 }] }),
    ]);
  });

  it("that does not exist cannot be started", async () => {
    const { ec2 } = await anEc2();
    const error = await ec2.startInstances(["i-0123456789abcdef0"]).catch((thrown) => thrown);
    expect(isNotFound(error)).toBe(true);
  });
});
