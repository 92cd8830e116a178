/** The network of a launch: its subnet, security groups and addresses. */

import { branches, integer, type Params, text, texts } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import { invalidValue } from "../errors.ts";
import type { Subnet } from "../subnet.ts";
import type { SecurityGroup, World } from "../world.ts";

export interface LaunchNetwork {
  readonly subnet: Subnet;
  readonly groups: readonly SecurityGroup[];
  /** Whether the instances get an IPv6 address. */
  readonly ipv6: boolean;
}

export const findSubnet = ({ subnets }: World, id: string): Subnet => {
  const subnet = subnets.get(id);
  if (!subnet) throw new CloudError("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
  return subnet;
};

export const findGroup = ({ groups }: World, id: string): SecurityGroup => {
  const group = groups.get(id);
  if (!group) throw new CloudError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  return group;
};

/** The error for a subnet without IPv6 is a belief. */
const readIpv6 = (network: Params, { id, ipv6 }: Subnet): boolean => {
  const isRequested = (integer(network, "Ipv6AddressCount") ?? 0) > 0;
  if (isRequested && !ipv6)
    throw invalidValue(`The subnet '${id}' does not have an IPv6 CIDR block associated with it.`);
  return isRequested || ipv6?.onLaunch === true;
};

/** If the request describes a network interface, the subnet and security groups come from there. */
export const readNetwork = (world: World, params: Params): LaunchNetwork => {
  const [network = params] = branches(params, "NetworkInterface");
  const subnetId = text(network, "SubnetId");
  if (subnetId === undefined) {
    throw new CloudError("MissingInput", "No subnets found for the default VPC. Please specify a subnet.");
  }
  const subnet = findSubnet(world, subnetId);
  const groups = texts(network, "SecurityGroupId").map((id) => findGroup(world, id));
  const foreign = groups.find(({ vpcId }) => vpcId !== subnet.vpcId);
  if (foreign) {
    throw new CloudError(
      "InvalidParameter",
      `Security group ${foreign.id} and subnet ${subnet.id} belong to different networks.`,
    );
  }
  const defaults = [...world.groups.values()].filter(({ vpcId, name }) => vpcId === subnet.vpcId && name === "default");
  return { subnet, groups: groups.length > 0 ? groups : defaults, ipv6: readIpv6(network, subnet) };
};
