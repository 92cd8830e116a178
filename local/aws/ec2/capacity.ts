/** AWS's free capacity for starting instances, and the account's vCPU limit. */
import { insufficientCapacity, vcpuLimitExceeded } from "./errors.ts";
import type { Instance } from "./instance.ts";

export interface Capacity {
  /** Sets how many more instances of the type can start in the zone; unlimited by default. Stopping an instance does not free capacity. */
  set(zone: string, instanceType: string, free: number): void;
  clear(zone: string, instanceType: string): void;
  free(zone: string, instanceType: string): number;
  take(zone: string, instanceType: string, count: number): void;
  /** Limits the vCPUs of running on-demand instances; unlimited by default. */
  setVcpuLimit(vcpus: number): void;
  /** How many more vCPUs may run in addition to those of `instances`. */
  vcpusLeft(instances: Iterable<Instance>): number;
  /** Throws VcpuLimitExceeded if `more` vCPUs exceed the limit together with those of `instances`. */
  assertVcpus(instances: Iterable<Instance>, more: number): void;
  /** Throws InsufficientInstanceCapacity unless `count` instances can start. */
  assertFree(zone: string, instanceType: string, count: number, zones: readonly string[]): void;
}

const keyOf = (zone: string, instanceType: string) => `${zone}/${instanceType}`;

const countsTowardsLimit = ({ state, spotRequestId }: Instance) =>
  spotRequestId === undefined && (state === "pending" || state === "running");

export const createCapacity = (): Capacity => {
  const limits = new Map<string, number>();
  let vcpuLimit = Number.POSITIVE_INFINITY;
  const free = (zone: string, type: string) => limits.get(keyOf(zone, type)) ?? Number.POSITIVE_INFINITY;
  const vcpusLeft = (instances: Iterable<Instance>) => {
    let left = vcpuLimit;
    for (const instance of instances) if (countsTowardsLimit(instance)) left -= instance.type.vcpus;
    return left;
  };
  return {
    set: (zone, type, count) => void limits.set(keyOf(zone, type), count),
    clear: (zone, type) => void limits.delete(keyOf(zone, type)),
    free,
    take: (zone, type, count) => {
      const limit = limits.get(keyOf(zone, type));
      if (limit !== undefined) limits.set(keyOf(zone, type), limit - count);
    },
    setVcpuLimit: (vcpus) => {
      vcpuLimit = vcpus;
    },
    vcpusLeft,
    assertVcpus: (instances, more) => {
      if (more > vcpusLeft(instances)) throw vcpuLimitExceeded(vcpuLimit);
    },
    assertFree: (zone, type, count, zones) => {
      if (free(zone, type) >= count) return;
      const others = zones.filter((other) => other !== zone && free(other, type) >= count);
      throw insufficientCapacity(type, zone, others);
    },
  };
};
