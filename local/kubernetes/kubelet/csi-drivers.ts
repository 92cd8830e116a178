/** The kubelet's CSINode object and the CSI drivers whose pods register with the kubelet. */
import type { Machine } from "../../aws/ec2/machines.ts";
import type { Store } from "../api-server/store.ts";
import type { NodeObject } from "../objects/objects.ts";
import { CSI_NODES, type CsiNode } from "../objects/volumes.ts";
import type { CsiDriver } from "./node-profile.ts";

/** Creates the node's CSINode if there is none: pkg/volume/csi/nodeinfomanager. The drivers of an earlier boot stay in it. */
export const createCsiNode = (store: Store, nodeName: string): void => {
  const node = store.get("nodes", nodeName);
  if (!node || store.get(CSI_NODES, nodeName)) return;
  const owner = { apiVersion: "v1", kind: "Node", name: nodeName, uid: node.metadata.uid ?? "" };
  store.create<CsiNode>(CSI_NODES, {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { name: nodeName, ownerReferences: [owner] },
    spec: { drivers: [] },
  });
};

/**
 * The driver's pod has registered the driver. A driver such as those of EBS and EFS then takes its own startup taint off the node
 * (aws-ebs-csi-driver, docs/install.md, "Configure node startup taint"; aws-ebs-csi-driver#2447).
 */
export const registerDriver = (store: Store, machine: Machine, driver: CsiDriver): void => {
  const { name, volumes, startupTaint } = driver;
  const allocatable = volumes === undefined ? {} : { allocatable: { count: volumes } };
  store.change<CsiNode>(CSI_NODES, machine.privateDnsName, undefined, ({ spec }) => {
    const others = spec.drivers.filter((other) => other.name !== name);
    spec.drivers = [...others, { name, nodeID: machine.instanceId, topologyKeys: null, ...allocatable }];
  });
  const isOwn = ({ key }: { key: string }): boolean => key === startupTaint;
  store.change<NodeObject>("nodes", machine.privateDnsName, undefined, ({ spec }) => {
    if (!spec.taints?.some(isOwn)) return false;
    spec.taints = spec.taints.filter((taint) => !isOwn(taint));
  });
};
