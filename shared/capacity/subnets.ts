/** Which of a zone's subnets instances are launched in: a stopped instance keeps its address, so subnets run out of them. */
import type { LaunchConfig } from "../model/launch-config.ts";

export type Subnet = LaunchConfig["subnets"][number];

/** The number of instances launched in each subnet since the class's status was read, by subnet id. */
export type TakenAddresses = ReadonlyMap<string, number>;

/** Unknown counts as enough. */
export const freeAddressesOf = ({ id, freeAddresses = Number.POSITIVE_INFINITY }: Subnet, taken: TakenAddresses) =>
  Math.max(0, freeAddresses - (taken.get(id) ?? 0));

/** The subnets that have free addresses; all of them if none has, because the status may be out of date: EC2 decides. */
export const withFreeAddresses = (subnets: readonly Subnet[], taken: TakenAddresses): readonly Subnet[] => {
  const free = subnets.filter((subnet) => freeAddressesOf(subnet, taken) > 0);
  return free.length > 0 ? free : subnets;
};

export interface ChosenSubnet {
  readonly subnetId: string;
  /** How many of the instances to launch in it. */
  readonly count: number;
}

/** The subnet with the most free addresses, for as many of `count` instances as it has addresses for. Undefined if there are no subnets. */
export const chooseSubnet = (
  subnets: readonly Subnet[],
  taken: TakenAddresses,
  count: number,
): ChosenSubnet | undefined => {
  const free = (subnet: Subnet) => freeAddressesOf(subnet, taken);
  const [first, ...others] = subnets;
  if (!first) return undefined;
  const chosen = others.reduce((best, subnet) => (free(subnet) > free(best) ? subnet : best), first);
  return { subnetId: chosen.id, count: Math.min(count, free(chosen) || count) };
};

/** The sum over the zone's subnets. */
export const freeAddressesIn = (zone: string, subnets: readonly Subnet[]): number =>
  subnets.filter((subnet) => subnet.zone === zone).reduce((sum, subnet) => sum + freeAddressesOf(subnet, new Map()), 0);
