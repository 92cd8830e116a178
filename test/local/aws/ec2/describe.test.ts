import {
  CreateTagsCommand,
  DeleteTagsCommand,
  DescribeInstanceStatusCommand,
  DescribeInstancesCommand,
  DescribeInstanceTopologyCommand,
  DescribeTagsCommand,
  GetConsoleOutputCommand,
  paginateDescribeInstances,
  StartInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { aRegion, SUBNET } from "./region.ts";
import { find, launch, runningInstances, stateOf } from "./steps.ts";

const UNKNOWN = "i-00000000000000000";

const tagged = (Tags: { Key: string; Value: string }[]) => ({
  TagSpecifications: [{ ResourceType: "instance", Tags }],
});

describe("DescribeInstances", () => {
  test("filters by tags, states, subnets and ids, all of which must match", async () => {
    const region = await aRegion();
    const [a = ""] = await launch(region, tagged([{ Key: "stratos.sh/pool", Value: "workers" }]));
    const [b = ""] = await launch(region, {
      ...tagged([{ Key: "stratos.sh/pool", Value: "runners" }]),
      SubnetId: SUBNET.b,
    });
    expect(await find(region, { "tag:stratos.sh/pool": ["workers", "runners"] })).toEqual([a, b]);
    expect(await find(region, { "tag:stratos.sh/pool": ["work*"] })).toEqual([a]);
    expect(await find(region, { "tag-key": ["stratos.sh/pool"], "subnet-id": [SUBNET.b] })).toEqual([b]);
    expect(await find(region, { "instance-id": [a, UNKNOWN] })).toEqual([a]);
    expect(await find(region, { "availability-zone": ["us-east-1a"], "instance-state-name": ["running"] })).toEqual([]);
  });

  test("rejects an unknown filter", async () => {
    const region = await aRegion();
    await expect(find(region, { colour: ["red"] })).rejects.toMatchObject({ name: "InvalidParameterValue" });
  });

  test("returns every instance once, page by page, even if more launch between pages", async () => {
    const region = await aRegion();
    const ids = await launch(region, { MaxCount: 12 });
    const seen: string[] = [];
    for await (const page of paginateDescribeInstances({ client: region.client, pageSize: 5 }, {})) {
      if (seen.length === 0) ids.push(...(await launch(region)));
      seen.push(
        ...(page.Reservations ?? []).flatMap(({ Instances = [] }) =>
          Instances.map(({ InstanceId = "" }) => InstanceId),
        ),
      );
    }
    expect(seen).toEqual(ids);
  });

  test("fails as a whole if one id is unknown or malformed", async () => {
    const region = await aRegion();
    const [id = ""] = await launch(region);
    const describe = (...InstanceIds: string[]) => region.client.send(new DescribeInstancesCommand({ InstanceIds }));
    await expect(describe(id, UNKNOWN)).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
    await expect(describe(id, "i-nothing")).rejects.toMatchObject({ name: "InvalidInstanceID.Malformed" });
  });
});

test("DescribeInstanceStatus returns running instances and their status checks", async () => {
  const region = await aRegion();
  const [id = ""] = await launch(region);
  const status = async () => (await region.client.send(new DescribeInstanceStatusCommand({}))).InstanceStatuses;
  expect(await status()).toEqual([]);
  await region.clock.sleep(20_000);
  expect(await status()).toMatchObject([{ InstanceId: id, InstanceStatus: { Status: "initializing" } }]);
  await region.clock.sleep(120_000);
  expect(await status()).toMatchObject([{ InstanceId: id, SystemStatus: { Status: "ok" } }]);
});

test("tags can be added, changed, listed and deleted", async () => {
  const region = await aRegion();
  const [id = ""] = await launch(region, tagged([{ Key: "stratos.sh/state", Value: "warmup" }]));
  const Resources = [id];
  await region.client.send(
    new CreateTagsCommand({
      Resources,
      Tags: [
        { Key: "stratos.sh/state", Value: "standby" },
        { Key: "a", Value: "<&>" },
      ],
    }),
  );
  expect(await find(region, { "tag:stratos.sh/state": ["standby"] })).toEqual([id]);
  await region.client.send(new DeleteTagsCommand({ Resources, Tags: [{ Key: "stratos.sh/state" }] }));
  const { Tags } = await region.client.send(
    new DescribeTagsCommand({ Filters: [{ Name: "resource-id", Values: [id] }] }),
  );
  expect(Tags).toEqual([{ Key: "a", Value: "<&>", ResourceId: id, ResourceType: "instance" }]);
  await expect(
    region.client.send(new CreateTagsCommand({ Resources: [id, UNKNOWN], Tags: [{ Key: "b", Value: "1" }] })),
  ).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
});

describe("a batch with one bad instance", () => {
  test("terminates none", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    const terminate = region.client.send(new TerminateInstancesCommand({ InstanceIds: [id, UNKNOWN] }));
    await expect(terminate).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
    expect(await stateOf(region, id)).toBe("running");
  });

  test("starts none", async () => {
    const region = await aRegion();
    const [id = ""] = await runningInstances(region);
    const start = region.client.send(new StartInstancesCommand({ InstanceIds: [id, UNKNOWN] }));
    await expect(start).rejects.toMatchObject({
      name: "InvalidInstanceID.NotFound",
      message: `The instance ID '${UNKNOWN}' does not exist`,
    });
  });

  test("keeps the instances in a protected instance's zone and terminates the others", async () => {
    const region = await aRegion();
    const [kept = ""] = await runningInstances(region, { DisableApiTermination: true });
    const [neighbour = ""] = await runningInstances(region);
    const [elsewhere = ""] = await runningInstances(region, { SubnetId: SUBNET.b });
    const terminate = region.client.send(new TerminateInstancesCommand({ InstanceIds: [elsewhere, neighbour, kept] }));
    await expect(terminate).rejects.toMatchObject({ name: "OperationNotPermitted" });
    expect(await stateOf(region, neighbour)).toBe("running");
    expect(await stateOf(region, elsewhere)).toBe("shutting-down");
  });
});

test("GetConsoleOutput returns what the instance wrote", async () => {
  const region = await aRegion();
  const [InstanceId = ""] = await runningInstances(region);
  region.ec2.machines.console(InstanceId, "kubelet: registered");
  const { Output = "" } = await region.client.send(new GetConsoleOutputCommand({ InstanceId }));
  expect(Buffer.from(Output, "base64").toString()).toBe("kubelet: registered\r\n");
});

test("instances of ordinary types have no topology", async () => {
  const region = await aRegion();
  const InstanceIds = await launch(region);
  const { Instances } = await region.client.send(new DescribeInstanceTopologyCommand({ InstanceIds }));
  expect(Instances ?? []).toEqual([]);
  const withUnknown = region.client.send(new DescribeInstanceTopologyCommand({ InstanceIds: [UNKNOWN] }));
  await expect(withUnknown).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
});

test("an unknown action fails with InvalidAction", async () => {
  const region = await aRegion();
  const response = await region.ec2.service.handle({
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {},
    body: Buffer.from("Action=StartEverything&Version=2016-11-15"),
    principal: { arn: "arn:aws:iam::123456789012:user/test" },
    authorize: () => {},
  });
  expect(response.status).toBe(400);
  expect(response.body).toContain("<Code>InvalidAction</Code>");
});
