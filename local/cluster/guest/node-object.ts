import type { Machine } from "../../ec2/machines.ts";
import type { NodeObject } from "../objects.ts";
import type { GuestScript } from "./user-data.ts";

const KUBELET_VERSION = "v1.35.2-eks-embedded";
const REGION_OF_ZONE = /[a-z]$/;

/** EKS reserves 11 MiB a pod and 255 MiB, and evicts below 100 MiB. Source: awslabs/amazon-eks-ami, bootstrap.sh. */
const reservedMiB = (maxPods: number) => 11 * maxPods + 255 + 100;

/** EKS reserves 6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest. Same source. */
const reservedMilliCpu = (vcpus: number): number =>
  60 + (vcpus > 1 ? 10 : 0) + Math.min(Math.max(vcpus - 2, 0), 2) * 5 + Math.max(vcpus - 4, 0) * 2.5;

/** Two pods' worth of addresses stay with the node itself; what instance types of this size commonly allow. */
const defaultMaxPods = (vcpus: number): number => (vcpus <= 2 ? 29 : vcpus <= 8 ? 58 : 110);

/** The node as kubelet registers it, where no object of its name exists yet. */
export const newNode = (machine: Machine, script: GuestScript): NodeObject => {
  const maxPods = script.maxPods ?? defaultMaxPods(machine.vcpus);
  const region = machine.zone.replace(REGION_OF_ZONE, "");
  const arch = machine.architecture === "arm64" ? "arm64" : "amd64";
  const shared = { pods: String(maxPods), "ephemeral-storage": "18181869946" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: machine.privateDnsName,
      labels: {
        "beta.kubernetes.io/arch": arch,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": arch,
        "kubernetes.io/hostname": machine.privateDnsName,
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": machine.instanceType,
        "topology.kubernetes.io/region": region,
        "topology.kubernetes.io/zone": machine.zone,
        ...script.labels,
      },
    },
    spec: {
      providerID: `aws:///${machine.zone}/${machine.instanceId}`,
      ...(script.taints.length > 0 && { taints: script.taints.map((taint) => ({ ...taint })) }),
    },
    status: {
      capacity: { cpu: String(machine.vcpus), memory: `${machine.memoryMiB}Mi`, ...shared },
      allocatable: {
        cpu: `${machine.vcpus * 1000 - reservedMilliCpu(machine.vcpus)}m`,
        memory: `${machine.memoryMiB - reservedMiB(maxPods)}Mi`,
        ...shared,
      },
      addresses: [
        { type: "InternalIP", address: machine.privateIp },
        { type: "Hostname", address: machine.privateDnsName },
      ],
      nodeInfo: {
        architecture: arch,
        bootID: "",
        containerRuntimeVersion: "containerd://2.1.4",
        kernelVersion: "6.12.40",
        kubeProxyVersion: KUBELET_VERSION,
        kubeletVersion: KUBELET_VERSION,
        machineID: machine.instanceId,
        operatingSystem: "linux",
        osImage: "Amazon Linux 2023 (embedded)",
        systemUUID: machine.instanceId,
      },
    },
  };
};
