/** Renders instances as DescribeInstances and RunInstances return them. */

import { type Xml, xmlTime } from "../../gateway/query-xml.ts";
import { type Instance, STATE_CODE } from "../instance.ts";
import { renderReservationSpecification } from "../launch/placement.ts";
import type { Tags } from "../tag-book.ts";
import type { World } from "../world.ts";

export const renderState = (state: Instance["state"]): Xml => ({ code: STATE_CODE[state], name: state });

export const renderTags = (tags: Tags): Xml =>
  Object.keys(tags).length === 0 ? undefined : Object.entries(tags).map(([key, value]) => ({ key, value }));

const renderGroups = ({ groups }: Instance): Xml => groups.map(({ id, name }) => ({ groupId: id, groupName: name }));

/** `use1-az1` for `us-east-1a`; in AWS the mapping from zones to ids differs between accounts. */
export const zoneId = (zone: string): string => {
  const [, area = "", direction = "", number = "", letter = "a"] =
    /^([a-z]+)-([a-z])[a-z]*-(\d)([a-z])$/.exec(zone) ?? [];
  return `${area}${direction}${number}-az${letter.charCodeAt(0) - "a".charCodeAt(0) + 1}`;
};

/** A terminated instance has no network and no disks. */
const renderNetwork = (world: World, instance: Instance): { readonly [name: string]: Xml } => {
  const { id, state, privateDnsName, privateIp, ipv6Address, subnetId, vpcId, networkInterfaceId } = instance;
  if (state === "terminated") return { privateDnsName: "", dnsName: "", groupSet: [], networkInterfaceSet: [] };
  const networkInterface = {
    networkInterfaceId,
    subnetId,
    vpcId,
    ownerId: world.account,
    status: "in-use",
    privateIpAddress: privateIp,
    privateIpAddressesSet: [{ privateIpAddress: privateIp, primary: true }],
    privateDnsName,
    ipv6AddressesSet: ipv6Address ? [{ ipv6Address, isPrimaryIpv6: false }] : [],
    sourceDestCheck: true,
    groupSet: renderGroups(instance),
    attachment: {
      attachmentId: `eni-attach-${id.slice(2)}`,
      deviceIndex: 0,
      status: "attached",
      deleteOnTermination: true,
    },
    interfaceType: "interface",
  };
  return {
    privateDnsName,
    dnsName: "",
    subnetId,
    vpcId,
    privateIpAddress: privateIp,
    ipv6Address,
    sourceDestCheck: true,
    groupSet: renderGroups(instance),
    networkInterfaceSet: [networkInterface],
  };
};

export const attachmentStatus = ({ clock }: World, { attachedAt }: Instance): string =>
  clock.now() < attachedAt ? "attaching" : "attached";

const renderDisks = (world: World, instance: Instance): Xml => {
  const { volumes, state, launchTime } = instance;
  return state === "terminated"
    ? []
    : volumes.map(({ id, deviceName, deleteOnTermination }) => ({
        deviceName,
        ebs: {
          volumeId: id,
          status: attachmentStatus(world, instance),
          attachTime: xmlTime(launchTime),
          deleteOnTermination,
        },
      }));
};

const renderOptions = ({
  metadataOptions,
  hibernation,
  type,
  profile,
  spotRequestId,
}: Instance): { readonly [name: string]: Xml } => ({
  iamInstanceProfile: profile && { arn: profile.arn, id: profile.id },
  instanceLifecycle: spotRequestId && "spot",
  spotInstanceRequestId: spotRequestId,
  cpuOptions: { coreCount: type.cores, threadsPerCore: type.vcpus / type.cores },
  hibernationOptions: { configured: hibernation },
  metadataOptions: {
    state: "applied",
    ...metadataOptions,
    httpProtocolIpv6: "disabled",
    instanceMetadataTags: "disabled",
  },
});

export const renderInstance = (world: World, instance: Instance): Xml => ({
  instanceId: instance.id,
  imageId: instance.imageId,
  instanceState: renderState(instance.state),
  reason: instance.transitionReason,
  amiLaunchIndex: instance.amiLaunchIndex,
  productCodes: [],
  instanceType: instance.type.name,
  launchTime: xmlTime(instance.launchTime),
  placement: {
    availabilityZone: instance.zone,
    availabilityZoneId: zoneId(instance.zone),
    groupName: instance.placement.groupName,
    tenancy: instance.placement.tenancy,
  },
  monitoring: { state: "disabled" },
  ...renderNetwork(world, instance),
  stateReason: instance.stateReason,
  architecture: instance.architecture,
  rootDeviceType: "ebs",
  rootDeviceName: instance.rootDeviceName,
  blockDeviceMapping: renderDisks(world, instance),
  virtualizationType: "hvm",
  clientToken: instance.clientToken,
  tagSet: renderTags(world.tags.of(instance.id)),
  hypervisor: "xen",
  ebsOptimized: false,
  enaSupport: true,
  currentInstanceBootMode: instance.architecture === "arm64" ? "uefi" : "legacy-bios",
  platformDetails: "Linux/UNIX",
  usageOperation: "RunInstances",
  capacityReservationSpecification: renderReservationSpecification(instance.placement),
  ...renderOptions(instance),
});

/** `instances` must all belong to the same reservation. */
export const renderReservation = (world: World, instances: readonly Instance[]): { readonly [name: string]: Xml } => ({
  reservationId: instances[0]?.reservationId,
  ownerId: world.account,
  groupSet: [],
  instancesSet: instances.map((instance) => renderInstance(world, instance)),
});
