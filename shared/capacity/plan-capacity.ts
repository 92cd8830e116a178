/**
 * The capacity ladder: which instances come next while EC2 has no capacity for some offerings. Standby in other zones or of other types is started,
 * then standby is changed to another type, then instances are launched in other zones, then of the class's other types. What is left waits until those
 * offerings are tried again. Pure.
 */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import {
  type InstanceRecord,
  type RecordChange,
  STANDBY_RESET,
  type TransitionReason,
} from "../model/instance-record.ts";
import type { LaunchConfig } from "../model/launch-config.ts";
import type { AvailableOffering, LaunchCapacity, Offering } from "../model/offering.ts";
import { offeringKey, subnetKey, UNAVAILABLE_FOR_MS } from "../model/unavailable-offerings.ts";
import { freeAddressesIn, type Subnet } from "./subnets.ts";

/** The keys of offerings and subnets that are known to be unavailable. */
export type UnavailableKeys = Pick<ReadonlySet<string>, "has">;

interface WithRecord {
  readonly record: InstanceRecord;
}

export interface CapacityFacts<T extends WithRecord = WithRecord> {
  readonly spec: Pick<PoolSpec, "poolSize" | "scaleUp">;
  /** Undefined while nothing can be launched. */
  readonly launch: Pick<LaunchConfig, "instanceTypes" | "subnets" | "options"> | undefined;
  /** All of the pool. */
  readonly records: readonly InstanceRecord[];
  /** Standby that may be started if EC2 has capacity for it. */
  readonly standby: readonly T[];
  readonly unavailable: UnavailableKeys;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Standby that its own type has no capacity for, and the class's types that may have some in its zone, most preferred first. */
export interface ResizeCandidate<T> {
  readonly standby: T;
  readonly types: readonly string[];
}

/** What demand may use, in the order of the ladder. An offering that is known to be unavailable is not tried first. */
export interface CapacityPlan<T> {
  readonly start: readonly T[];
  /** Which of the types an instance can be changed to depends on its hardware. */
  readonly resize: readonly ResizeCandidate<T>[];
  readonly launch: LaunchCapacity;
}

export const planCapacity = <T extends WithRecord>(facts: CapacityFacts<T>): CapacityPlan<T> => ({
  start: facts.standby.filter(({ record }) => !facts.unavailable.has(offeringKey(record))),
  resize: resizeCandidates(facts),
  launch: launchCapacityOf(facts),
});

/** Each takes a call of its own, and EC2 allows 50 at a time; more pods than that are better served by launches, which take one call. */
const MAX_RESIZES_PER_OFFERING = 20;
/** What refuses to change the type of an instance, such as a policy, does not change soon. */
const REFUSED_FOR_MS = 60 * 60_000;

/** A reservation is for one type. */
const isReserved = ({ options }: Pick<LaunchConfig, "options">): boolean =>
  options.capacityReservation?.id !== undefined || options.capacityReservation?.resourceGroupArn !== undefined;

const resizeCandidates = <T extends WithRecord>({
  launch,
  standby,
  unavailable,
  now,
}: CapacityFacts<T>): readonly ResizeCandidate<T>[] => {
  if (!launch || isReserved(launch)) return [];
  const refused = standby.filter(({ record }) => unavailable.has(offeringKey(record)));
  const resizable = refused.filter(({ record }) => now - (record.resizeRefusedAt ?? 0) >= REFUSED_FOR_MS);
  return [...Map.groupBy(resizable, ({ record }) => offeringKey(record)).values()].flatMap((alike) => {
    const { zone = "" } = alike[0]?.record ?? {};
    const types = launch.instanceTypes.filter((instanceType) => !unavailable.has(offeringKey({ instanceType, zone })));
    return types.length === 0 ? [] : alike.slice(0, MAX_RESIZES_PER_OFFERING).map((one) => ({ standby: one, types }));
  });
};

/** The subnets in which instances of the type can be launched, as far as is known. */
export const openSubnets = (
  subnets: readonly Subnet[],
  instanceType: string,
  unavailable: UnavailableKeys,
): readonly Subnet[] =>
  subnets.filter(
    ({ id, zone }) => !unavailable.has(offeringKey({ instanceType, zone })) && !unavailable.has(subnetKey(id)),
  );

/** What keeps demand and launches away for a while. */
export interface Unavailability {
  /** See `offeringKey` and `subnetKey`. */
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Refused, or accepted and undone. `subnetId`: only this subnet has no free addresses, which says nothing about other subnets of its zone. */
export const afterRefusedLaunch = (offering: Offering, subnetId: string | undefined, now: number): Unavailability => ({
  key: subnetId === undefined ? offeringKey(offering) : subnetKey(subnetId),
  until: now + UNAVAILABLE_FOR_MS,
});

/**
 * What EC2 accepted and undid is not tried again in that place for a while, longer after each failure in a row: whatever refuses, such as a key or a
 * zone without capacity, may refuse the next instance, too.
 */
export const afterUndoneStart = (offering: Offering, failureCount: number, now: number): Unavailability => ({
  key: offeringKey(offering),
  until: now + UNAVAILABLE_FOR_MS * 2 ** (failureCount - 1),
});

/** An instance of a pool whose record says that it is started. */
export interface InstanceStart extends WithRecord {
  readonly pool: string;
}

/** As if the instance had not been put to use. */
const undoneUse = ({ starts = 0 }: InstanceRecord): RecordChange => ({
  ...STANDBY_RESET,
  starts: starts > 1 ? starts - 1 : null,
});

export interface ReturnedStart extends InstanceStart {
  readonly reason: TransitionReason;
  readonly set: RecordChange;
}

/** Instances that EC2 has no capacity to start return to standby: the ladder chooses others for their pods, instead of waiting for these. */
export const afterRefusedStarts = (
  starts: readonly InstanceStart[],
  now: number,
): { readonly unavailable: readonly Unavailability[]; readonly returned: readonly ReturnedStart[] } => ({
  unavailable: [...new Set(starts.map(({ record }) => offeringKey(record)))].map((key) => ({
    key,
    until: now + UNAVAILABLE_FOR_MS,
  })),
  returned: starts.map(({ pool, record }) => ({
    pool,
    record,
    reason: "InsufficientCapacity",
    set: undoneUse(record),
  })),
});

/**
 * An instance whose type could not be changed returns to standby with the type that it had. `isFinal`: EC2 will not change its mind soon, so that the
 * ladder leaves this instance out.
 */
export const afterRefusedResize = ({ pool, record }: InstanceStart, isFinal: boolean, now: number): ReturnedStart => ({
  pool,
  record,
  reason: "ResizeRefused",
  set: {
    ...undoneUse(record),
    instanceType: record.resizedFrom ?? record.instanceType,
    resizedFrom: null,
    ...(isFinal && { resizeRefusedAt: now }),
  },
});

const NOTHING: LaunchCapacity = { maxNodes: 0, offerings: [] };

/** One type per zone, in the class's order of types: a later type only where EC2 has no capacity for the earlier ones. */
const launchCapacityOf = ({ spec, launch, records, unavailable }: Omit<CapacityFacts, "standby">): LaunchCapacity => {
  if (spec.scaleUp.overflow === "None" || !launch) return NOTHING;
  const subnets = launch.subnets.filter(({ id }) => !unavailable.has(subnetKey(id)));
  const zones = leastUsedFirst([...new Set(subnets.map(({ zone }) => zone))], records);
  const offerings = availableOfferings(launch.instanceTypes, zones, subnets, unavailable);
  return { maxNodes: Math.max(0, spec.poolSize - records.length), offerings };
};

/** Zones with the fewest instances of the pool first, so that launches are spread. */
const leastUsedFirst = (zones: readonly string[], records: readonly InstanceRecord[]): readonly string[] => {
  const countIn = (zone: string) => records.filter((record) => record.zone === zone).length;
  return zones.toSorted((one, other) => countIn(one) - countIn(other));
};

/** In each zone, the first type that is not known to be unavailable there. */
const availableOfferings = (
  instanceTypes: readonly string[],
  zones: readonly string[],
  subnets: readonly Subnet[],
  unavailable: UnavailableKeys,
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
