import type { Machine } from "../../aws/ec2/machines.ts";
import type { NodeObject, Taint } from "../objects/objects.ts";
import { UNINITIALIZED } from "../objects/taint-keys.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import { nodeResources } from "./capacity.ts";

const KUBELET_VERSION = "v1.36.3-eks-embedded";
/** The API server's admission plugin TaintNodesByCondition adds this taint to every new node. */
const NOT_READY: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** Source: kubernetes, pkg/kubelet/kubelet_node_status.go, initialNode with externalCloudProvider. */
const UNINITIALIZED_TAINT: Taint = { key: UNINITIALIZED, value: "true", effect: "NoSchedule" };

const labelsOf = (machine: Machine, arch: string): Record<string, string> => ({
  "beta.kubernetes.io/arch": arch,
  "beta.kubernetes.io/os": "linux",
  "kubernetes.io/arch": arch,
  "kubernetes.io/hostname": machine.privateDnsName,
  "kubernetes.io/os": "linux",
});

/** The status fields that the kubelet sets at every boot. */
export const bootStatus = (machine: Machine, settings: KubeletSettings): Partial<NodeObject["status"]> => ({
  ...nodeResources(machine, settings.maxPods),
  nodeInfo: {
    architecture: archOf(machine),
    bootID: `${machine.instanceId}-${machine.boot}`,
    containerRuntimeVersion: "containerd://2.1.5",
    kernelVersion: "6.12.46-66.121.amzn2023",
    kubeProxyVersion: "",
    kubeletVersion: KUBELET_VERSION,
    machineID: machine.instanceId,
    operatingSystem: "linux",
    osImage: "Amazon Linux 2023 (embedded)",
    systemUUID: machine.instanceId,
  },
  daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
});

const archOf = ({ architecture }: Machine): string => (architecture === "arm64" ? "arm64" : "amd64");

/**
 * The node as its kubelet registers it. The node images start it with `--cloud-provider=external` and give it the provider id
 * (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go, withCloudProvider); the rest is left to the cloud-controller-manager.
 */
export const newNode = (machine: Machine, settings: KubeletSettings): NodeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: {
    name: machine.privateDnsName,
    labels: { ...labelsOf(machine, archOf(machine)), ...settings.labels },
    annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
  },
  spec: {
    providerID: `aws:///${machine.zone}/${machine.instanceId}`,
    taints: [...settings.taints, UNINITIALIZED_TAINT, NOT_READY].map((taint) => ({ ...taint })),
  },
  // The kubelet sets addresses only until the cloud-controller-manager has: pkg/kubelet/nodestatus, NodeAddress.
  status: {
    ...bootStatus(machine, settings),
    addresses: [
      { type: "InternalIP", address: machine.privateIp },
      { type: "Hostname", address: machine.privateDnsName },
    ],
    conditions: [],
  },
});
