import { describe, expect, it } from "vitest";
import type { NetworkProfile } from "../../../../local/kubernetes/network/network.ts";
import { conditionOf, isReady, type PodObject } from "../../../../local/kubernetes/objects/objects.ts";
import { createStage, JOIN_ONLY, type Stage } from "../stage.ts";

const NAME = "ip-10-0-0-1.ec2.internal";
const AGENT_NOT_READY = "node.cilium.io/agent-not-ready:NoSchedule";

/** A node that has been running for two minutes. */
const aNode = async (network: NetworkProfile): Promise<Stage> => {
  const stage = createStage({ network });
  stage.machines.launch({ userData: JOIN_ONLY });
  await stage.advance(120);
  return stage;
};

/** Stops the node's machine for ten minutes. */
const stopAndStart = async (stage: Stage): Promise<void> => {
  stage.machines.stop("i-1");
  await stage.advance(600);
  stage.machines.start("i-1");
};

const daemons = (stage: Stage): string[] =>
  stage.store
    .list<PodObject>("pods")
    .filter(isReady)
    .map(({ metadata }) => metadata.ownerReferences?.[0]?.name ?? "")
    .sort();

/** The condition's status and reason, and whether it was written in the last two minutes. */
const reported = (stage: Stage, type: "NetworkingReady" | "NetworkUnavailable"): string | undefined => {
  const node = stage.node(NAME);
  const condition = node && conditionOf(node, type);
  if (!condition) return undefined;
  const isNew = Date.parse(condition.lastHeartbeatTime ?? "") > stage.now() - 120_000;
  return `${condition.status} ${condition.reason} ${isNew ? "new" : "old"}`;
};

describe("on a Ready node", () => {
  it.each<[NetworkProfile, string[], string | undefined, string | undefined]>([
    ["vpc-cni", ["aws-node"], undefined, undefined],
    ["vpc-cni+agent", ["aws-node", "eks-node-monitoring-agent"], "True NetworkingIsReady new", undefined],
    ["cilium", ["cilium"], undefined, "False CiliumIsUp new"],
    ["calico", ["calico-node"], undefined, "False CalicoIsUp new"],
    ["none", [], undefined, undefined],
  ])("%s runs its pods and reports what it does", async (network, pods, networking, unavailable) => {
    const stage = await aNode(network);
    expect(stage.node(NAME)).toSatisfy(isReady);
    expect(daemons(stage)).toEqual(pods);
    expect(reported(stage, "NetworkingReady")).toBe(networking);
    expect(reported(stage, "NetworkUnavailable")).toBe(unavailable);
    expect(stage.taints(NAME)).toEqual([]);
  });
});

describe("after a stop and a start", () => {
  it.each<[NetworkProfile, "NetworkingReady" | "NetworkUnavailable", string]>([
    ["vpc-cni+agent", "NetworkingReady", "True NetworkingIsReady new"],
    ["calico", "NetworkUnavailable", "False CalicoIsUp new"],
    ["cilium", "NetworkUnavailable", "False CiliumIsUp old"],
  ])("%s reports on the network: %s=%s", async (network, type, expected) => {
    const stage = await aNode(network);
    await stopAndStart(stage);
    await stage.advance(60);
    expect(stage.node(NAME)).toSatisfy(isReady);
    expect(reported(stage, type)).toBe(expected);
  });

  it("pods of the network plugin become Ready after the node", async () => {
    const stage = await aNode("vpc-cni");
    await stopAndStart(stage);
    const isNodeReady = () => {
      const node = stage.node(NAME);
      return node !== undefined && isReady(node);
    };
    for (let second = 0; second < 30 && !isNodeReady(); second += 1) await stage.advance(1);
    expect(isNodeReady()).toBe(true);
    expect(daemons(stage)).toEqual([]);
    await stage.advance(10);
    expect(daemons(stage)).toEqual(["aws-node"]);
  });
});

describe("Cilium's operator", () => {
  it("taints a stopped node, and takes the taint off once the agent is Ready again", async () => {
    const stage = await aNode("cilium");
    stage.machines.stop("i-1");
    await stage.advance(600);
    expect(stage.taints(NAME)).toContain(AGENT_NOT_READY);
    stage.machines.start("i-1");
    await stage.advance(60);
    expect(stage.taints(NAME)).not.toContain(AGENT_NOT_READY);
  });

  it("puts the taint back if somebody else takes it off while the agent is down", async () => {
    const stage = await aNode("cilium");
    stage.machines.stop("i-1");
    await stage.advance(600);
    stage.changeNode(NAME, ({ spec }) => {
      spec.taints = spec.taints?.filter(({ key }) => key !== "node.cilium.io/agent-not-ready") ?? [];
    });
    await stage.advance(1);
    expect(stage.taints(NAME)).toContain(AGENT_NOT_READY);
  });
});

describe("a network that is withheld for a boot", () => {
  it.each<NetworkProfile>(["vpc-cni+agent", "cilium", "calico"])(
    "%s has no Ready pod and reports nothing",
    async (network) => {
      const stage = await aNode(network);
      stage.cluster.faults.withholdNetwork(1);
      await stopAndStart(stage);
      await stage.advance(130);
      expect(stage.node(NAME)).toSatisfy(isReady);
      expect(daemons(stage)).toEqual([]);
      expect(reported(stage, "NetworkingReady") ?? "old").toMatch(/old$/);
      expect(reported(stage, "NetworkUnavailable") ?? "old").toMatch(/old$/);
    },
  );
});
