import { describe, expect, it } from "vitest";
import { conditionOf, isReady } from "../../../../local/kubernetes/objects/objects.ts";
import { aPod, createStage, JOIN_ONLY } from "../stage.ts";

const NODE_CONFIG = `apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: my-cluster
`;
const NAME = "ip-10-0-0-1.ec2.internal";

const ready = (stage: ReturnType<typeof createStage>) => {
  const node = stage.node(NAME);
  return node && conditionOf(node, "Ready");
};

/** Like those of the network plugins, it tolerates every taint. */
const aDaemonSet = () => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "default" },
  spec: {
    selector: { matchLabels: { app: "agent" } },
    template: {
      metadata: { labels: { app: "agent" } },
      spec: {
        tolerations: [{ operator: "Exists" }],
        containers: [{ name: "main", image: "registry.k8s.io/pause:3.10" }],
      },
    },
  },
});

const aStageWith = async (userData: string) => {
  const stage = createStage();
  stage.machines.launch({ userData });
  await stage.advance(22);
  return stage;
};

describe("the operating system's shutdown", () => {
  it("lets the kubelet post Ready for some seconds if it has no grace period", async () => {
    const stage = await aStageWith(JOIN_ONLY);
    stage.store.create("pods", aPod("server"));
    await stage.advance(2);
    stage.machines.beginStop("i-1");
    await stage.advance(30);
    expect(ready(stage)?.status).toBe("True");
    expect(stage.pod("server")?.status.phase).toBe("Running");
    await stage.advance(30);
    expect(ready(stage)?.status).toBe("Unknown");
  });

  it("ends in a node that becomes Ready while its instance is stopping, if the stop comes during the boot", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: JOIN_ONLY });
    while (!stage.node(NAME)) await stage.advance(0.1);
    stage.machines.beginStop("i-1");
    await stage.advance(2);
    expect(stage.node(NAME)).toSatisfy(isReady);
  });

  it("keeps a machine that boots from joining", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: JOIN_ONLY });
    await stage.advance(5);
    stage.machines.beginStop("i-1");
    await stage.advance(30);
    expect(stage.node(NAME)).toBeUndefined();
  });
});

describe("a kubelet with a shutdown grace period, as on AL2023", () => {
  it("reports that the node is shutting down, and ends its pods", async () => {
    const stage = await aStageWith(NODE_CONFIG);
    stage.store.create("pods", aPod("server"));
    await stage.advance(2);
    stage.machines.beginStop("i-1");
    await stage.advance(6);
    expect(ready(stage)).toMatchObject({
      status: "False",
      reason: "KubeletNotReady",
      message: "node is shutting down",
    });
    expect(stage.pod("server")?.status).toMatchObject({ phase: "Failed", reason: "Terminated" });
  });

  it("ends the pods of DaemonSets too, which are made again and rejected while it waits for others", async () => {
    const stage = await aStageWith(NODE_CONFIG);
    stage.store.create("daemonsets.apps", aDaemonSet());
    const stubborn = [
      { name: "main", image: "registry.k8s.io/pause:3.10", command: ["sh", "-c", "trap '' TERM; serve"] },
    ];
    stage.store.create("pods", aPod("stubborn", { terminationGracePeriodSeconds: 60, containers: stubborn }));
    await stage.advance(2);
    const reasons = new Set<string>();
    stage.store.subscribe("pods", ({ object }) => {
      const { reason } = object.status as { reason?: string };
      if (object.metadata.name.startsWith("agent-") && reason) reasons.add(reason);
    });
    stage.machines.beginStop("i-1");
    await stage.advance(40);
    expect([...reasons]).toEqual(["Terminated", "NodeShutdown"]);
    expect(stage.pod("stubborn")?.status.phase).toBe("Running");
    await stage.advance(30);
    expect(stage.pod("stubborn")?.status.phase).toBe("Failed");
  });

  it("is cut off when the instance has stopped, and leaves a pod of each DaemonSet that waits for the next boot", async () => {
    const stage = await aStageWith(NODE_CONFIG);
    stage.store.create("daemonsets.apps", aDaemonSet());
    await stage.advance(2);
    stage.machines.beginStop("i-1");
    await stage.advance(20);
    stage.machines.stop("i-1");
    await stage.advance(300);
    expect(stage.pods("agent-").map(({ status }) => status.phase)).toEqual(["Pending"]);
    stage.machines.start("i-1");
    await stage.advance(20);
    expect(stage.pods("agent-").map(({ status }) => status.phase)).toEqual(["Running"]);
  });
});
