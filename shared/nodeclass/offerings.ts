/** The nodes that a pool could launch beyond its standby. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { AWSNodeClass } from "../model/api/types.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { AvailableOffering, LaunchCapacity } from "../model/offering.ts";
import { offeringKey, subnetKey, type UnavailableOfferings } from "../model/unavailable-offerings.ts";
import { launchConfigOf } from "./launch-config.ts";
import { freeAddressesIn, type Subnet } from "./subnets.ts";

const NOTHING: LaunchCapacity = { maxNodes: 0, offerings: [] };

interface PoolFacts {
  readonly spec: PoolSpec;
  readonly nodeClass: AWSNodeClass | undefined;
  readonly records: readonly InstanceRecord[];
  readonly unavailable: UnavailableOfferings;
}

/** Zones with the fewest instances of the pool first, so that launches are spread. */
const leastUsedFirst = (zones: readonly string[], records: readonly InstanceRecord[]): readonly string[] => {
  const countIn = (zone: string) => records.filter((record) => record.zone === zone).length;
  return zones.toSorted((one, other) => countIn(one) - countIn(other));
};

/** In each zone, the first type that is not marked unavailable there. */
const availableOfferings = (
  instanceTypes: readonly string[],
  zones: readonly string[],
  subnets: readonly Subnet[],
  unavailable: UnavailableOfferings,
): readonly AvailableOffering[] => {
  const typeIn = (zone: string) =>
    instanceTypes.find((instanceType) => !unavailable.has(offeringKey({ instanceType, zone })));
  const offerings = zones.flatMap((zone) => {
    const instanceType = typeIn(zone);
    const freeAddresses = freeAddressesIn(zone, subnets);
    return instanceType === undefined
      ? []
      : [{ instanceType, zone, ...(Number.isFinite(freeAddresses) && { freeAddresses }) }];
  });
  return offerings.toSorted(
    (one, other) => instanceTypes.indexOf(one.instanceType) - instanceTypes.indexOf(other.instanceType),
  );
};

/** One type per zone, in the class's order of types: a later type only where EC2 has no capacity for the earlier ones. */
export const launchCapacityOf = ({ spec, nodeClass, records, unavailable }: PoolFacts): LaunchCapacity => {
  if (spec.scaleUp.overflow === "None" || !nodeClass) return NOTHING;
  const readiness = launchConfigOf(nodeClass);
  if (readiness.kind !== "ready") return NOTHING;
  const { instanceTypes } = readiness.launch;
  const subnets = readiness.launch.subnets.filter(({ id }) => !unavailable.has(subnetKey(id)));
  const zones = leastUsedFirst([...new Set(subnets.map(({ zone }) => zone))], records);
  const offerings = availableOfferings(instanceTypes, zones, subnets, unavailable);
  return { maxNodes: Math.max(0, spec.poolSize - records.length), offerings };
};
