/** The addresses of the subnet that a network plugin holds for pods, besides the instance's own. */
import type { InstanceType } from "./catalog/instance-type.ts";
import type { Instance } from "./instance.ts";
import type { Subnet } from "./subnet.ts";

/** `vpc-cni`: pods have addresses of the subnet, as on EKS by default. `overlay`: they have none, as with Calico's or Cilium's own ranges. */
export type NetworkPlugin = "vpc-cni" | "overlay";

/**
 * The VPC CNI fills a node's first interface, and attaches another as soon as a pod uses an address of it: with its default, WARM_ENI_TARGET=1,
 * it keeps as many addresses free as an interface has (amazon-vpc-cni-k8s#853, #1635, #2294). Only the plugin on the node gives them back. A
 * stopped instance keeps its private addresses ("Stop and start Amazon EC2 instances", Amazon EC2 User Guide); that those of further
 * interfaces stay too is a belief. A first boot warms up without pods that need addresses; at a later one the node has run some.
 */
const podAddresses = ({ interfaces, addressesPerInterface }: InstanceType, boot: number): number =>
  Math.min(interfaces, boot === 1 ? 1 : 2) * addressesPerInterface - 1;

/** Takes what the plugin wants, or as many addresses as are left. */
export const takePodAddresses = (plugin: NetworkPlugin, subnet: Subnet | undefined, instance: Instance): void => {
  if (plugin !== "vpc-cni" || !subnet) return;
  while (instance.podAddresses.length < podAddresses(instance.type, instance.boot)) {
    const address = subnet.take();
    if (address === undefined) return;
    instance.podAddresses.push(address);
  }
};

export const releaseAddresses = (subnet: Subnet | undefined, { privateIp, podAddresses: held }: Instance): void => {
  for (const address of [privateIp, ...held]) subnet?.release(address);
};
