/** The network of the quick start: one VPC, a subnet in each of three zones, and a security group for nodes. */
import { createSubnet } from "../subnet.ts";
import type { World } from "../world.ts";

const VPC_ID = "vpc-12345678";
const CLUSTER = "my-cluster";
const DISCOVERY = { "stratos.sh/discovery": CLUSTER };

/** `letter` is the zone's suffix. */
const SUBNETS = [
  { id: "subnet-12345678", letter: "a", cidr: "10.0.0.0/20" },
  { id: "subnet-23456789", letter: "b", cidr: "10.0.16.0/20" },
  { id: "subnet-34567890", letter: "c", cidr: "10.0.32.0/20" },
];

const GROUPS = [
  { id: "sg-12345678", name: "my-cluster-node", description: "Nodes of my-cluster", tags: DISCOVERY },
  { id: "sg-87654321", name: "default", description: "default VPC security group", tags: {} },
];

const ipv6Of = ({ ipv6 }: World, index: number) =>
  ipv6 === "none" ? undefined : { cidr: `2600:1f18:0:${index + 1}::/64`, onLaunch: ipv6 === "onLaunch" };

export const seedNetwork = (world: World): void => {
  world.vpcs.set(VPC_ID, { id: VPC_ID, cidr: "10.0.0.0/16" });
  world.tags.add(VPC_ID, { Name: CLUSTER });
  for (const [index, { id, letter, cidr }] of SUBNETS.entries()) {
    const zone = `${world.region}${letter}`;
    world.subnets.set(id, createSubnet({ id, vpcId: VPC_ID, zone, cidr, ipv6: ipv6Of(world, index) }));
    const name = { Name: `${CLUSTER}-private-${zone}` };
    world.tags.add(id, { ...name, [`kubernetes.io/cluster/${CLUSTER}`]: "shared", ...DISCOVERY });
  }
  for (const { id, name, description, tags } of GROUPS) {
    world.groups.set(id, { id, name, description, vpcId: VPC_ID });
    world.tags.add(id, { Name: name, ...tags });
  }
};
