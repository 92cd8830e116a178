import { describe, expect, it } from "vitest";
import { EBS_CSI } from "../../../../../local/kubernetes/kubelet/node-profile.ts";
import {
  ATTACHMENTS,
  CSI_NODES,
  type CsiNode,
  type VolumeAttachment,
} from "../../../../../local/kubernetes/objects/volumes.ts";
import { aPod, aReadyNode, createStage, type Stage } from "../../stage.ts";

const DRIVER = { ...EBS_CSI, registersMs: { min: 10_000, spread: 0 } };

const attachments = (stage: Stage) =>
  stage.store.list<VolumeAttachment>(ATTACHMENTS).map(({ spec, status }) => `${spec.nodeName} ${status.attached}`);

const driversOf = (stage: Stage, name: string) =>
  stage.store.get<CsiNode>(CSI_NODES, name)?.spec.drivers.map((driver) => driver.name);

/** A node with a pod whose claim is bound to an EBS volume. */
const aPodWithVolume = async () => {
  const stage = createStage({ nodes: { csiDrivers: [DRIVER] } });
  const machine = await aReadyNode(stage);
  const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data", namespace: "default" } };
  const csi = { driver: DRIVER.name, volumeHandle: "vol-1" };
  stage.store.create("persistentvolumes", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "pv-1" },
    spec: { csi },
  });
  stage.store.create("persistentvolumeclaims", { ...claim, spec: { volumeName: "pv-1" } });
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  stage.store.create("pods", aPod("database", { volumes }));
  return { stage, ...machine };
};

describe("a CSI driver", () => {
  it("registers some time after Ready, and then takes its startup taint off", async () => {
    const stage = createStage({ nodes: { csiDrivers: [DRIVER] } });
    const userData = `#!/bin/bash
/etc/eks/bootstrap.sh my-cluster --kubelet-extra-args '--register-with-taints=ebs.csi.aws.com/agent-not-ready:NoExecute'
`;
    const { privateDnsName } = await aReadyNode(stage, { userData });
    expect(driversOf(stage, privateDnsName)).toEqual([]);
    expect(stage.taints(privateDnsName)).toEqual(["ebs.csi.aws.com/agent-not-ready:NoExecute"]);
    await stage.advance(10);
    expect(driversOf(stage, privateDnsName)).toEqual([DRIVER.name]);
    expect(stage.taints(privateDnsName)).toEqual([]);
  });
});

describe("a pod's volume", () => {
  it("is attached once the driver has registered, and the pod waits for that", async () => {
    const { stage, privateDnsName } = await aPodWithVolume();
    await stage.advance(3);
    expect(attachments(stage)).toEqual([]);
    expect(stage.pod("database")?.status.phase).toBe("Pending");
    await stage.advance(15);
    expect(attachments(stage)).toEqual([`${privateDnsName} true`]);
    expect(stage.pod("database")?.status.phase).toBe("Running");
  });

  it("is detached some seconds after the pod has ended", async () => {
    const { stage, privateDnsName } = await aPodWithVolume();
    await stage.advance(20);
    stage.store.remove("pods", "database", "default");
    await stage.advance(3);
    expect(stage.pod("database")).toBeUndefined();
    expect(attachments(stage)).toEqual([`${privateDnsName} true`]);
    await stage.advance(5);
    expect(attachments(stage)).toEqual([]);
  });

  it("is detached only after 6 min if the pod is removed from a node that is not there to unmount it", async () => {
    const { stage, instanceId, privateDnsName } = await aPodWithVolume();
    await stage.advance(20);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    stage.store.remove("pods", "database", "default", { gracePeriodSeconds: 0 });
    await stage.advance(350);
    expect(attachments(stage)).toEqual([`${privateDnsName} true`]);
    await stage.advance(20);
    expect(attachments(stage)).toEqual([]);
  });

  it("is detached at once from a node that is out of service", async () => {
    const { stage, instanceId, privateDnsName } = await aPodWithVolume();
    await stage.advance(20);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    stage.store.remove("pods", "database", "default", { gracePeriodSeconds: 0 });
    stage.changeNode(privateDnsName, ({ spec }) => {
      spec.taints = [{ key: "node.kubernetes.io/out-of-service", effect: "NoExecute" }];
    });
    await stage.advance(6);
    expect(attachments(stage)).toEqual([]);
  });
});
