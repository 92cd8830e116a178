/** DescribeVpcs, DescribeSubnets, DescribeSecurityGroups and DescribeAvailabilityZones (API reference). */

import { texts } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { findGroup, findSubnet } from "../launch/launch-network.ts";
import { ec2Arn } from "../launch/launch-permissions.ts";
import { paginate } from "../pages.ts";
import type { Subnet } from "../subnet.ts";
import { type SecurityGroup, type Vpc, zonesOf } from "../world.ts";
import { renderTags, zoneId } from "./render-instance.ts";

const PAGE = { min: 5, max: 1000 };

const SUBNET_FIELDS: FilterFields<Subnet> = {
  "availability-zone": ({ zone }) => zone,
  "cidr-block": ({ cidr }) => cidr,
  state: () => "available",
  "subnet-id": ({ id }) => id,
  "vpc-id": ({ vpcId }) => vpcId,
};

export const describeSubnets: Action = (world, { params }) => {
  const ids = texts(params, "SubnetId");
  const subnets = ids.length > 0 ? ids.map((id) => findSubnet(world, id)) : [...world.subnets.values()];
  const found = applyFilters(params, subnets, SUBNET_FIELDS, ({ id }) => world.tags.of(id));
  const { items, nextToken } = paginate(params, found, PAGE);
  const subnetSet = items.map((subnet) => ({
    subnetId: subnet.id,
    subnetArn: ec2Arn(world, "subnet", subnet.id),
    state: "available",
    ownerId: world.networkOwner,
    vpcId: subnet.vpcId,
    cidrBlock: subnet.cidr,
    availableIpAddressCount: subnet.free(),
    availabilityZone: subnet.zone,
    availabilityZoneId: zoneId(subnet.zone),
    defaultForAz: false,
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: subnet.ipv6?.onLaunch === true,
    ipv6CidrBlockAssociationSet: subnet.ipv6
      ? [{ ipv6CidrBlock: subnet.ipv6.cidr, ipv6CidrBlockState: { state: "associated" } }]
      : [],
    privateDnsNameOptionsOnLaunch: { hostnameType: world.hostnames },
    tagSet: renderTags(world.tags.of(subnet.id)),
  }));
  return { subnetSet, nextToken };
};

const GROUP_FIELDS: FilterFields<SecurityGroup> = {
  description: ({ description }) => description,
  "group-id": ({ id }) => id,
  "group-name": ({ name }) => name,
  "vpc-id": ({ vpcId }) => vpcId,
};

export const describeSecurityGroups: Action = (world, { params }) => {
  const ids = texts(params, "GroupId");
  const groups = ids.length > 0 ? ids.map((id) => findGroup(world, id)) : [...world.groups.values()];
  const found = applyFilters(params, groups, GROUP_FIELDS, ({ id }) => world.tags.of(id));
  const { items, nextToken } = paginate(params, found, PAGE);
  const securityGroupInfo = items.map(({ id, name, description, vpcId }) => ({
    ownerId: world.networkOwner,
    groupId: id,
    groupName: name,
    groupDescription: description,
    vpcId,
    securityGroupArn: ec2Arn(world, "security-group", id),
    ipPermissions: [],
    ipPermissionsEgress: [],
    tagSet: renderTags(world.tags.of(id)),
  }));
  return { securityGroupInfo, nextToken };
};

const VPC_FIELDS: FilterFields<Vpc> = {
  cidr: ({ cidr }) => cidr,
  "is-default": () => "false",
  state: () => "available",
  "vpc-id": ({ id }) => id,
};

export const describeVpcs: Action = (world, { params }) => {
  const ids = texts(params, "VpcId");
  const unknown = ids.find((id) => !world.vpcs.has(id));
  if (unknown !== undefined) throw new CloudError("InvalidVpcID.NotFound", `The vpc ID '${unknown}' does not exist`);
  const vpcs = [...world.vpcs.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
  const found = applyFilters(params, vpcs, VPC_FIELDS, ({ id }) => world.tags.of(id));
  const { items, nextToken } = paginate(params, found, PAGE);
  const vpcSet = items.map(({ id, cidr }) => ({
    vpcId: id,
    ownerId: world.networkOwner,
    state: "available",
    cidrBlock: cidr,
    instanceTenancy: "default",
    isDefault: false,
    tagSet: renderTags(world.tags.of(id)),
  }));
  return { vpcSet, nextToken };
};

const ZONE_FIELDS: FilterFields<string> = {
  state: () => "available",
  "zone-id": zoneId,
  "zone-name": (zone) => zone,
  "zone-type": () => "availability-zone",
};

/** Returns the zones that have a subnet; the simulated cloud has no others. */
export const describeAvailabilityZones: Action = (world, { params }) => {
  const names = texts(params, "ZoneName");
  const zones = zonesOf(world).filter((zone) => names.length === 0 || names.includes(zone));
  const availabilityZoneInfo = applyFilters(params, zones, ZONE_FIELDS, () => ({})).map((zone) => ({
    zoneName: zone,
    zoneId: zoneId(zone),
    zoneState: "available",
    regionName: world.region,
    messageSet: [],
    optInStatus: "opt-in-not-required",
    groupName: `${world.region}-zg-1`,
    networkBorderGroup: world.region,
    zoneType: "availability-zone",
  }));
  return { availabilityZoneInfo };
};
