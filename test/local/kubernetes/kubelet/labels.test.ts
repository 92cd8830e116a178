import { describe, expect, it } from "vitest";
import { createStage } from "../stage.ts";

const withLabels = (labels: string) =>
  `#!/bin/bash\n/etc/eks/bootstrap.sh my-cluster --kubelet-extra-args '--node-labels=${labels}'\n`;

describe("labels from user data", () => {
  it("are on the node that the kubelet registers", async () => {
    const stage = createStage();
    const { privateDnsName } = stage.machines.launch({ userData: withLabels("team=a,ci.node.kubernetes.io/kind=b") });
    await stage.advance(30);
    expect(stage.node(privateDnsName)?.metadata.labels).toMatchObject({
      team: "a",
      "ci.node.kubernetes.io/kind": "b",
    });
  });

  it.each([
    "node-role.kubernetes.io/worker=x",
    "team=a,app.kubernetes.io/name=b",
    "node-restriction.kubernetes.io/a=b",
  ])("%s: the kubelet does not start, and the node never registers", async (labels) => {
    const stage = createStage();
    const { privateDnsName, instanceId } = stage.machines.launch({ userData: withLabels(labels) });
    await stage.advance(600);
    expect(stage.node(privateDnsName)).toBeUndefined();
    expect(stage.machines.consoleOf(instanceId)).toContain("labels specified with --node-labels");
  });
});
