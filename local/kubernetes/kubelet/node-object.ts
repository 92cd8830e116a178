import type { Machine } from "../../aws/ec2/machines.ts";
import type { NodeObject, Taint } from "../objects/objects.ts";
import type { KubeletSettings } from "./boot-plan.ts";
import { nodeResources } from "./capacity.ts";

const KUBELET_VERSION = "v1.36.3-eks-embedded";
/** The API server's admission plugin TaintNodesByCondition adds this taint to every new node. */
const NOT_READY: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

const labelsOf = (machine: Machine, arch: string): Record<string, string> => ({
  "beta.kubernetes.io/arch": arch,
  "beta.kubernetes.io/instance-type": machine.instanceType,
  "beta.kubernetes.io/os": "linux",
  "kubernetes.io/arch": arch,
  "kubernetes.io/hostname": machine.privateDnsName,
  "kubernetes.io/os": "linux",
  "node.kubernetes.io/instance-type": machine.instanceType,
  "topology.kubernetes.io/region": machine.zone.slice(0, -1),
  "topology.kubernetes.io/zone": machine.zone,
});

/** The status fields that the kubelet sets at every boot. */
export const bootStatus = (machine: Machine, settings: KubeletSettings): Partial<NodeObject["status"]> => ({
  ...nodeResources(machine, settings.maxPods),
  addresses: [
    { type: "InternalIP", address: machine.privateIp },
    { type: "InternalDNS", address: machine.privateDnsName },
    { type: "Hostname", address: machine.privateDnsName },
  ],
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

/** The node as its kubelet registers it. It has its zone, region and type labels at once; on EKS the cloud-controller-manager adds them. */
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
    taints: [...settings.taints, NOT_READY].map((taint) => ({ ...taint })),
  },
  status: { ...bootStatus(machine, settings), conditions: [] },
});
