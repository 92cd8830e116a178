import { describe, expect, it } from "vitest";
import type { NetworkProfile } from "../../../../local/kubernetes/network/network.ts";
import { conditionOf, isReady, type PodObject } from "../../../../local/kubernetes/objects/objects.ts";
import { aPod, createStage, JOIN_ONLY, type Stage } from "../stage.ts";

const NAME = "ip-10-0-0-1.ec2.internal";

const isNodeReady = (stage: Stage): boolean => {
  const node = stage.node(NAME);
  return node !== undefined && isReady(node);
};

/** Advances in steps of a tenth of a second until the node is Ready. */
const untilReady = async (stage: Stage): Promise<void> => {
  for (let step = 0; step < 1_200 && !isNodeReady(stage); step += 1) await stage.advance(0.1);
  expect(isNodeReady(stage)).toBe(true);
};

const readyDaemons = (stage: Stage): string[] =>
  stage.store
    .list<PodObject>("pods")
    .filter(isReady)
    .flatMap(({ metadata }) => metadata.ownerReferences?.[0]?.name ?? []);

const launch = (network: NetworkProfile): Stage => {
  const stage = createStage({ network });
  stage.machines.launch({ userData: JOIN_ONLY });
  return stage;
};

describe("on its first boot", () => {
  it.each<[NetworkProfile, string]>([
    ["vpc-cni", "aws-node"],
    ["vpc-cni+agent", "aws-node"],
    ["cilium", "cilium"],
    ["calico", "calico-node"],
  ])("a node with %s is Ready once the pod of %s is", async (network, plugin) => {
    const stage = launch(network);
    await untilReady(stage);
    expect(readyDaemons(stage)).toContain(plugin);
  });

  it("a node whose image brings the network is Ready without any pod", async () => {
    const stage = launch("none");
    await untilReady(stage);
    expect(readyDaemons(stage)).toEqual([]);
  });

  it("a node whose network plugin never runs is never Ready, and names the network", async () => {
    const stage = createStage({ network: "vpc-cni" });
    stage.cluster.faults.withholdNetwork(1);
    stage.machines.launch({ userData: JOIN_ONLY });
    await stage.advance(300);
    const node = stage.node(NAME);
    expect(node && conditionOf(node, "Ready")).toMatchObject({
      status: "False",
      message: expect.stringContaining("NetworkPluginNotReady"),
    });
  });

  it("a node without its network runs pods on the host's network only", async () => {
    const stage = createStage({ network: "vpc-cni" });
    stage.cluster.faults.withholdNetwork(1);
    stage.machines.launch({ userData: JOIN_ONLY });
    await stage.advance(20);
    stage.store.create("pods", aPod("host", { nodeName: NAME, hostNetwork: true }));
    stage.store.create("pods", aPod("network", { nodeName: NAME }));
    await stage.advance(20);
    expect(stage.pod("host")?.status.phase).toBe("Running");
    expect(stage.pod("network")?.status.phase).not.toBe("Running");
  });
});

describe("on a later boot", () => {
  it.each<NetworkProfile>(["vpc-cni", "calico"])("a node with %s is Ready before the plugin's pod", async (network) => {
    const stage = launch(network);
    await stage.advance(120);
    stage.machines.stop("i-1");
    await stage.advance(120);
    stage.machines.start("i-1");
    await untilReady(stage);
    expect(readyDaemons(stage)).toEqual([]);
  });

  it("a node that was stopped before its plugin had run is Ready only once it has", async () => {
    const stage = createStage({ network: "vpc-cni" });
    stage.cluster.faults.withholdNetwork(1);
    stage.machines.launch({ userData: JOIN_ONLY });
    await stage.advance(60);
    stage.machines.stop("i-1");
    await stage.advance(60);
    stage.machines.start("i-1");
    await untilReady(stage);
    expect(readyDaemons(stage)).toEqual(["aws-node"]);
  });
});
