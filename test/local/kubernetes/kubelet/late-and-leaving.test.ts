/** What a node shows later than one would like, and what it still shows when it goes. */
import { describe, expect, it } from "vitest";
import { conditionOf, isReady, type NodeObject, type PodObject } from "../../../../local/kubernetes/objects/objects.ts";
import { createStage, JOIN_ONLY, type Stage } from "../stage.ts";

const NAME = "ip-10-0-0-1.ec2.internal";
const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized:NoSchedule";
const GPU = "nvidia.com/gpu";

const NODE_CONFIG = `---
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster: { name: my-cluster }
`;

const node = (stage: Stage): NodeObject => {
  const found = stage.node(NAME);
  if (!found) throw new Error("the node has not registered");
  return found;
};

/** Advances in steps of a tenth of a second until the condition holds; returns the seconds. */
const until = async (stage: Stage, holds: () => boolean, atMost = 120): Promise<number> => {
  const since = stage.now();
  while (!holds()) {
    if (stage.now() - since > atMost * 1000) throw new Error(`not within ${atMost} s`);
    await stage.advance(0.1);
  }
  return (stage.now() - since) / 1000;
};

describe("a new node", () => {
  it("has its zone and type, and no uninitialized taint, once the cloud-controller-manager has seen it", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: JOIN_ONLY });
    await until(stage, () => stage.node(NAME) !== undefined);
    expect(stage.taints(NAME)).toContain(UNINITIALIZED);
    expect(node(stage).metadata.labels).not.toHaveProperty(["topology.kubernetes.io/zone"]);
    expect(node(stage).spec.providerID).toBe("aws:///us-east-1a/i-1");
    await stage.advance(1.1);
    expect(stage.taints(NAME)).not.toContain(UNINITIALIZED);
    expect(node(stage).metadata.labels).toMatchObject({
      "topology.kubernetes.io/zone": "us-east-1a",
      "topology.kubernetes.io/region": "us-east-1",
      "node.kubernetes.io/instance-type": "m5.large",
    });
  });

  it("is Ready on its first boot only when its network plugin runs, and before it on later boots", async () => {
    const stage = createStage("vpc-cni");
    const hasPlugin = () =>
      stage.store.list<PodObject>("pods").some((pod) => pod.metadata.name.startsWith("aws-node") && isReady(pod));
    stage.machines.launch({ userData: JOIN_ONLY });
    await until(stage, () => stage.node(NAME) !== undefined && isReady(node(stage)));
    expect(hasPlugin()).toBe(true);
    stage.machines.stop("i-1");
    await stage.advance(120);
    stage.machines.start("i-1");
    await until(stage, () => isReady(node(stage)));
    expect(hasPlugin()).toBe(false);
  });
});

describe("a node with GPUs", () => {
  const gpus = (stage: Stage) => node(stage).status.allocatable?.[GPU];

  it("shows none until their plugin has registered, and none again after a reboot", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: JOIN_ONLY, instanceType: "g5.xlarge" });
    await until(stage, () => stage.node(NAME) !== undefined && isReady(node(stage)));
    await stage.advance(20);
    expect(gpus(stage)).toBeUndefined();
    await stage.advance(10);
    expect(gpus(stage)).toBe("1");
    stage.machines.stop("i-1");
    await stage.advance(120);
    stage.machines.start("i-1");
    await until(stage, () => isReady(node(stage)));
    expect(gpus(stage)).toBe("0");
    await stage.advance(30);
    expect(gpus(stage)).toBe("1");
  });

  it("may take minutes to show them", async () => {
    const stage = createStage();
    stage.cluster.faults.delayDevices(240_000);
    stage.machines.launch({ userData: JOIN_ONLY, instanceType: "g5.xlarge" });
    await stage.advance(240);
    expect(gpus(stage)).toBeUndefined();
    await stage.advance(60);
    expect(gpus(stage)).toBe("1");
  });
});

describe("a node whose instance stops", () => {
  const stopping = async (userData: string): Promise<Stage> => {
    const stage = createStage("vpc-cni");
    stage.machines.launch({ userData });
    await stage.advance(60);
    stage.machines.beginStop("i-1");
    return stage;
  };
  const ready = (stage: Stage) => conditionOf(node(stage), "Ready");
  const daemons = (stage: Stage) =>
    stage.store.list<PodObject>("pods").map(({ status }) => [status.phase, status.reason]);

  it("ends its pods first if its image shuts down gracefully, and they are made anew", async () => {
    const stage = await stopping(NODE_CONFIG);
    await stage.advance(0.1);
    expect(ready(stage)).toMatchObject({ status: "False", message: "node is shutting down" });
    await until(stage, () => daemons(stage).some(([phase]) => phase === "Pending"), 160);
    expect(daemons(stage)).toEqual([["Pending", undefined]]);
  });

  it("stays Ready for some seconds on other images, and then reports no more", async () => {
    const stage = await stopping(JOIN_ONLY);
    await stage.advance(2);
    expect(ready(stage)?.status).toBe("True");
    await stage.advance(60);
    expect(ready(stage)?.status).toBe("Unknown");
  });

  it("starts no pod any more", async () => {
    const stage = await stopping(JOIN_ONLY);
    stage.store.create("pods", {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "late", namespace: "default" },
      spec: { nodeName: NAME, containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }] },
      status: { phase: "Pending" },
    });
    await stage.advance(30);
    expect(stage.pod("late")?.status.phase).toBe("Pending");
  });
});
