import { RunInstancesCommand, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { KubeConfig } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { findLeftOver } from "../../cli/left-over.ts";
import { aLaunch, aRegion, type Region } from "../local/aws/ec2/region.ts";
import { startApi } from "../local/kubernetes/api-server/api-client.ts";
import { aNodePool, applyDefinitions, NODE_POOLS } from "../local/kubernetes/api-server/objects.ts";

/** A cluster on the embedded API server, and its region. */
const aDeployment = async () => {
  const [api, region] = [await startApi(), await aRegion()];
  const kubeConfig = new KubeConfig();
  const caData = Buffer.from(api.caPem).toString("base64");
  const server = { name: "c", server: api.url, caData, skipTLSVerify: false };
  kubeConfig.loadFromClusterAndUser(server, { name: "admin", token: api.adminToken });
  return { api, region, find: () => findLeftOver({ kubeConfig, ec2: region.client, cluster: "my-cluster" }) };
};

const launch = async ({ client }: Region, cluster: string): Promise<string> => {
  const Tags = Object.entries({ "managed-by": "stratos", "stratos.sh/cluster": cluster, "stratos.sh/pool": "workers" });
  const TagSpecifications = [{ ResourceType: "instance" as const, Tags: Tags.map(([Key, Value]) => ({ Key, Value })) }];
  const { Instances } = await client.send(new RunInstancesCommand(aLaunch({ TagSpecifications })));
  return Instances?.[0]?.InstanceId ?? "";
};

test("a cluster without Stratos's resource definitions and instances has nothing left", async () => {
  const { find } = await aDeployment();
  expect(await find()).toEqual([]);
});

test("pools, nodes and instances are named until they are gone", async () => {
  const { api, region, find } = await aDeployment();
  await applyDefinitions(api);
  expect(await find()).toEqual([]);
  await api.call("POST", NODE_POOLS, aNodePool("workers"));
  await api.call("POST", "/api/v1/nodes", { metadata: { name: "n1", labels: { "stratos.sh/pool": "workers" } } });
  await api.call("POST", "/api/v1/nodes", { metadata: { name: "n2" } });
  const own = await launch(region, "my-cluster");
  await launch(region, "another-cluster");
  expect(await find()).toEqual([
    "NodePool workers",
    "Node n1",
    expect.stringMatching(new RegExp(`^instance ${own}, (pending|running), of pool workers$`)),
  ]);
  await region.client.send(new TerminateInstancesCommand({ InstanceIds: [own] }));
  await region.clock.sleep(600_000);
  await api.call("DELETE", "/api/v1/nodes/n1");
  expect(await find()).toEqual(["NodePool workers"]);
});
