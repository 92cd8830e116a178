import { describe, expect, it } from "vitest";
import { isReady } from "../../../../local/kubernetes/objects/objects.ts";
import { createStage, JOIN_ONLY, QUICK_START } from "../stage.ts";

const NAME = "ip-10-0-0-1.ec2.internal";
const BOOT_SECONDS = 6;

describe("the first boot", () => {
  it("registers a node with the settings of the quick start's user data and the EKS defaults", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: QUICK_START });
    await stage.advance(10);
    expect(stage.node(NAME)).toBeUndefined();
    await stage.advance(12);
    const node = stage.node(NAME);
    expect(node?.spec.providerID).toBe("aws:///us-east-1a/i-1");
    expect(stage.taints(NAME)).toEqual(["node.eks.amazonaws.com/not-ready:NoSchedule"]);
    expect(node?.metadata.labels).toMatchObject({
      "kubernetes.io/arch": "amd64",
      "node.kubernetes.io/instance-type": "m5.large",
      "topology.kubernetes.io/region": "us-east-1",
      "topology.kubernetes.io/zone": "us-east-1a",
    });
    expect(node?.status.allocatable).toMatchObject({ cpu: "1930m", pods: "29" });
    expect(node && isReady(node)).toBe(true);
  });

  it("powers off 30 s after the kubelet is healthy, and does so only once", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: QUICK_START });
    await stage.advance(40);
    expect(stage.machines.stateOf("i-1")).toBe("running");
    await stage.advance(15);
    expect(stage.machines.stateOf("i-1")).toBe("stopped");
    stage.machines.start("i-1");
    await stage.advance(120);
    expect(stage.machines.stateOf("i-1")).toBe("running");
    expect(stage.node(NAME)).toSatisfy(isReady);
  });

  it("does not register a node if the cluster name is wrong, and reports that on the console", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: QUICK_START.replace("my-cluster", "my-clutser") });
    await stage.advance(300);
    expect(stage.node(NAME)).toBeUndefined();
    expect(stage.machines.stateOf("i-1")).toBe("running");
    expect(stage.machines.consoleOf("i-1")).toContain("No cluster found for name: my-clutser");
  });

  it("registers no node while the cluster does not know the instance's role, and reports that on the console", async () => {
    const roles = new Set<string | undefined>();
    const stage = createStage({ admitsNodes: (roleArn) => roles.has(roleArn) });
    const { roleArn } = stage.machines.launch({ userData: JOIN_ONLY });
    await stage.advance(60);
    expect(stage.node(NAME)).toBeUndefined();
    expect(stage.machines.consoleOf("i-1")).toContain('"Unable to register node with API server" err="Unauthorized"');
    roles.add(roleArn);
    await stage.advance(10);
    expect(stage.node(NAME)).toSatisfy(isReady);
  });

  it("registers no node if it hangs", async () => {
    const stage = createStage();
    stage.cluster.faults.hangBoots(1);
    stage.machines.launch({ userData: JOIN_ONLY });
    await stage.advance(60);
    expect(stage.node(NAME)).toBeUndefined();
  });

  it("never starts the kubelet if an AL2023 script waits for it in the foreground", async () => {
    const stage = createStage();
    const userData = (script: string) => `MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="//"

--//
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/bash
${script}

--//
Content-Type: application/node.eks.aws

---
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  cluster:
    name: my-cluster
  kubelet:
    config:
      maxPods: 17
    flags:
      - --node-labels=team=a,tier=b
      - --register-with-taints=team=a:NoSchedule

--//--
`;
    const wait = "until curl -sf http://localhost:10248/healthz; do\n  sleep 1\ndone\nsleep 5\npoweroff";
    stage.machines.launch({ userData: userData(wait) });
    stage.machines.launch({ userData: userData(`(\n${wait}\n) &`) });
    await stage.advance(20);
    expect(stage.node(NAME)).toBeUndefined();
    const other = stage.node("ip-10-0-0-2.ec2.internal");
    expect(other?.metadata.labels).toMatchObject({ team: "a", tier: "b" });
    expect(other?.spec.taints).toContainEqual({ key: "team", value: "a", effect: "NoSchedule" });
    expect(other?.status.allocatable?.pods).toBe("17");
    await stage.advance(10);
    expect(stage.machines.stateOf("i-2")).toBe("stopped");
  });

  it("applies Bottlerocket settings", async () => {
    const stage = createStage();
    const userData = `[settings.kubernetes]
cluster-name = "my-cluster"
max-pods = 20

[settings.kubernetes.node-labels]
"stratos.sh/pool" = "rockets"

[settings.kubernetes.node-taints]
"team" = ["a:NoSchedule"]
`;
    stage.machines.launch({ userData });
    await stage.advance(20);
    expect(stage.node(NAME)?.metadata.labels).toMatchObject({ "stratos.sh/pool": "rockets" });
    expect(stage.taints(NAME)).toEqual(["team:NoSchedule"]);
    expect(stage.node(NAME)?.status.allocatable?.pods).toBe("20");
  });
});

describe("later boots", () => {
  it("make the node Ready within 6 s", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: QUICK_START });
    await stage.advance(60);
    stage.machines.start("i-1");
    await stage.advance(BOOT_SECONDS);
    expect(stage.node(NAME)).toSatisfy(isReady);
  });

  it("do not apply labels and taints again to the existing node object", async () => {
    const stage = createStage();
    stage.machines.launch({ userData: QUICK_START.replace("NoSchedule'", "NoSchedule --node-labels=team=a'") });
    await stage.advance(120);
    stage.changeNode(NAME, ({ metadata, spec }) => {
      delete metadata.labels?.team;
      spec.taints = [];
      spec.unschedulable = true;
    });
    stage.machines.start("i-1");
    await stage.advance(BOOT_SECONDS);
    expect(stage.node(NAME)).toSatisfy(isReady);
    expect(stage.node(NAME)?.metadata.labels).not.toHaveProperty("team");
    expect(stage.taints(NAME)).not.toContain("node.eks.amazonaws.com/not-ready:NoSchedule");
    expect(stage.node(NAME)?.spec.unschedulable).toBe(true);
  });
});
