import { noFreeAddresses } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { launch } from "../lifecycle.ts";
import type { Subnet } from "../subnet.ts";
import type { Tags } from "../tag-book.ts";
import type { UndoReason } from "../undone.ts";
import { type World, zonesOf } from "../world.ts";
import type { UsedTemplate } from "./from-template.ts";
import type { LaunchRequest } from "./launch-request.ts";

export interface LaunchCount {
  readonly min: number;
  readonly max: number;
}

/** Returns how many instances, up to `max`, capacity allows. Throws EC2's capacity errors if fewer than `min`. */
const countWithinCapacity = (
  world: World,
  { type, subnet, spot }: LaunchRequest,
  { min, max }: LaunchCount,
): number => {
  const { capacity, instances } = world;
  if (!spot) capacity.assertVcpus(instances.all(), type.vcpus * min);
  const byVcpus = spot ? max : Math.floor(capacity.vcpusLeft(instances.all()) / type.vcpus);
  capacity.assertFree(subnet.zone, type.name, min, zonesOf(world));
  if (subnet.free() < min) throw noFreeAddresses(subnet.id);
  return Math.min(max, byVcpus, capacity.free(subnet.zone, type.name), subnet.free());
};

const dnsName = ({ hostnames, dnsDomain }: World, id: string, address: string) =>
  `${hostnames === "resource-name" ? id : `ip-${address.replaceAll(".", "-")}`}.${dnsDomain}`;

/** `2600:1f18:0:1::a00:c` for 10.0.0.12. */
const ipv6Of = ({ ipv6 }: Subnet, address: string): string | undefined => {
  const [first = 0, second = 0, third = 0, fourth = 0] = address.split(".").map(Number);
  const [high, low] = [first * 256 + second, third * 256 + fourth].map((group) => group.toString(16));
  return ipv6?.cidr.replace(/::\/.*$/, `::${high}:${low}`);
};

/** EC2's own tags, which name the launch template of an instance. */
const templateTags = ({ template, version }: UsedTemplate): Tags => ({
  "aws:ec2launchtemplate:id": template.id,
  "aws:ec2launchtemplate:version": String(version),
});

const tagAll = (world: World, instance: Instance, { tags, from }: LaunchRequest): void => {
  world.tags.add(instance.id, tags.instance ?? {});
  world.tags.add(instance.networkInterfaceId, tags["network-interface"] ?? {});
  for (const volume of instance.volumes) world.tags.add(volume.id, tags.volume ?? {});
  if (instance.spotRequestId) world.tags.add(instance.spotRequestId, tags["spot-instances-request"] ?? {});
  if (from) world.tags.addReserved(instance.id, templateTags(from));
};

interface LaunchIdentity {
  readonly reservationId: string;
  readonly amiLaunchIndex: number;
  readonly privateIp: string;
  readonly clientToken: string;
  readonly sequence: number;
}

const makeInstance = (world: World, request: LaunchRequest, identity: LaunchIdentity): Instance => {
  const { makeId, clock } = world;
  const { image, type, subnet, groups } = request;
  const id = makeId("i");
  return {
    ...identity,
    id,
    type,
    imageId: image.id,
    rootDeviceName: image.rootDeviceName,
    architecture: image.architecture,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    privateDnsName: dnsName(world, id, identity.privateIp),
    ipv6Address: request.ipv6 ? ipv6Of(subnet, identity.privateIp) : undefined,
    podAddresses: [],
    networkInterfaceId: makeId("eni"),
    groups: groups.map(({ id, name }) => ({ id, name })),
    placement: request.placement,
    profile: request.profile,
    userData: request.userData,
    metadataOptions: request.metadataOptions,
    shutdownBehavior: request.shutdownBehavior,
    terminationProtected: request.terminationProtected,
    stopProtected: request.stopProtected,
    impaired: new Map(),
    events: [],
    hibernation: request.hibernation,
    spotRequestId: request.spot ? makeId("sir") : undefined,
    volumes: request.volumes.map((volume) => ({ ...volume, id: makeId("vol") })),
    attachedAt: clock.now() + world.attachMs,
    visibleAt: clock.now() + world.random() * world.invisibleMs,
    state: "pending",
    stateSince: clock.now(),
    stateReason: undefined,
    transitionReason: "",
    launchTime: clock.now(),
    boot: 0,
    console: [],
    cancelChange: () => {},
  };
};

/**
 * Creates and launches from `min` to `max` instances as one reservation, or throws and creates none. EC2 undoes the launch of all of them if
 * `refused` gives a reason.
 */
export const makeInstances = (
  world: World,
  request: LaunchRequest,
  count: LaunchCount,
  clientToken: string,
  refused: UndoReason | undefined,
): Instance[] => {
  const number = countWithinCapacity(world, request, count);
  world.capacity.take(request.subnet.zone, request.type.name, number);
  const reservationId = world.makeId("r");
  const instances = Array.from({ length: number }, (_, amiLaunchIndex) => {
    const privateIp = request.subnet.take();
    if (privateIp === undefined) throw noFreeAddresses(request.subnet.id);
    const sequence = world.nextSequence();
    return makeInstance(world, request, { reservationId, amiLaunchIndex, privateIp, clientToken, sequence });
  });
  for (const instance of instances) {
    world.instances.add(instance);
    tagAll(world, instance, request);
  }
  for (const instance of instances) launch(world, instance, refused);
  return instances;
};
