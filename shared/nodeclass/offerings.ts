/** The nodes that a pool could launch beyond its standby. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { AWSNodeClass } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { KubeNode, ResourceList } from "../model/kubernetes/objects.ts";
import type { LaunchCapacity, Offering } from "../model/offering.ts";
import { offeringKey, type UnavailableOfferings } from "../model/unavailable-offerings.ts";
import { estimateAllocatable } from "./estimate-allocatable.ts";
import { launchConfigOf } from "./launch-config.ts";

/** The instance type label that the cloud provider sets on nodes. */
const TYPE_LABEL = "node.kubernetes.io/instance-type";
const ARCHITECTURE = { x86_64: "amd64", arm64: "arm64" } as const;
const NOTHING: LaunchCapacity = { maxNodes: 0, offerings: [] };

interface PoolFacts {
  readonly spec: PoolSpec;
  readonly nodeClass: AWSNodeClass | undefined;
  readonly records: readonly InstanceRecord[];
  readonly nodes: readonly KubeNode[];
  readonly unavailable: UnavailableOfferings;
  /** EC2's facts by instance type, for the types that were looked up. */
  readonly facts: ReadonlyMap<string, InstanceTypeFacts>;
}

/** From the pool's node of that type, or else from the class's estimate (its first type only), or else from EC2's facts. */
const allocatableOf = (instanceType: string, { nodes, nodeClass, facts }: PoolFacts): ResourceList | undefined => {
  const existing = nodes.find(
    ({ metadata, status }) => status?.allocatable && metadata.labels?.[TYPE_LABEL] === instanceType,
  );
  if (existing) return existing.status?.allocatable;
  const estimated = instanceType === nodeClass?.spec.instanceType ? nodeClass.status?.estimatedAllocatable : undefined;
  const typeFacts = facts.get(instanceType);
  return estimated ?? (typeFacts && estimateAllocatable(typeFacts, nodeClass?.spec.kubelet?.maxPods));
};

/** Zones with the fewest instances of the pool first, so that launches are spread. */
const leastUsedFirst = (zones: readonly string[], records: readonly InstanceRecord[]): readonly string[] => {
  const countIn = (zone: string) => records.filter((record) => record.zone === zone).length;
  return zones.toSorted((one, other) => countIn(one) - countIn(other));
};

/** In each zone, the first type that is not marked unavailable there. */
const availableOfferings = (
  instanceTypes: readonly string[],
  zones: readonly string[],
  unavailable: UnavailableOfferings,
) => {
  const typeIn = (zone: string) =>
    instanceTypes.find((instanceType) => !unavailable.has(offeringKey({ instanceType, zone })));
  const offerings = zones.flatMap((zone) => {
    const instanceType = typeIn(zone);
    return instanceType === undefined ? [] : [{ instanceType, zone }];
  });
  return offerings.toSorted(
    (one, other) => instanceTypes.indexOf(one.instanceType) - instanceTypes.indexOf(other.instanceType),
  );
};

/** One type per zone, in the class's order of types: a later type only where EC2 has no capacity for the earlier ones. */
export const launchCapacityOf = (pool: PoolFacts): LaunchCapacity => {
  const { spec, nodeClass, records, unavailable } = pool;
  if (spec.scaleUp.overflow === "None" || !nodeClass) return NOTHING;
  const readiness = launchConfigOf(nodeClass);
  if (readiness.kind !== "ready") return NOTHING;
  const { instanceTypes, subnets } = readiness.launch;
  const zones = leastUsedFirst([...new Set(subnets.map(({ zone }) => zone))], records);
  const { architecture = "x86_64", kubelet = {} } = nodeClass.spec;
  const offerings = availableOfferings(instanceTypes, zones, unavailable).map(
    ({ instanceType, zone }): Offering => ({
      instanceType,
      zone,
      architecture: ARCHITECTURE[architecture],
      allocatable: allocatableOf(instanceType, pool),
      ...(kubelet.nodeLabels && { labels: kubelet.nodeLabels }),
      ...(kubelet.nodeTaints && { taints: kubelet.nodeTaints }),
    }),
  );
  return { maxNodes: Math.max(0, spec.poolSize - records.length), offerings };
};

/** The instance types among the offerings whose allocatable resources are unknown. */
export const unknownTypes = ({ offerings }: LaunchCapacity): readonly string[] => [
  ...new Set(offerings.filter(({ allocatable }) => !allocatable).map(({ instanceType }) => instanceType)),
];
