/** What a pool could launch once its standby is used up. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { AWSNodeClass } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { KubeNode, ResourceList } from "../model/kubernetes/objects.ts";
import type { LaunchCapacity, Offering } from "../model/offering.ts";
import { offeringKey, type UnavailableOfferings } from "../model/unavailable-offerings.ts";
import { estimateAllocatable } from "./estimate-allocatable.ts";
import { launchConfigOf } from "./launch-config.ts";

/** As kubelet's cloud provider labels nodes. */
const TYPE_LABEL = "node.kubernetes.io/instance-type";
const ARCHITECTURE = { x86_64: "amd64", arm64: "arm64" } as const;
const NOTHING: LaunchCapacity = { maxNodes: 0, offerings: [] };

interface Known {
  readonly spec: PoolSpec;
  readonly nodeClass: AWSNodeClass | undefined;
  readonly records: readonly InstanceRecord[];
  readonly nodes: readonly KubeNode[];
  readonly marks: UnavailableOfferings;
  /** What EC2 tells of instance types, where it was asked. */
  readonly facts: ReadonlyMap<string, InstanceTypeFacts>;
}

/** From a node of the type that the pool has, else as the class estimates it, which it does for its first type, else from EC2's facts. */
const allocatableOf = (instanceType: string, { nodes, nodeClass, facts }: Known): ResourceList | undefined => {
  const alike = nodes.find(
    ({ metadata, status }) => status?.allocatable && metadata.labels?.[TYPE_LABEL] === instanceType,
  );
  if (alike) return alike.status?.allocatable;
  const estimated = instanceType === nodeClass?.spec.instanceType ? nodeClass.status?.estimatedAllocatable : undefined;
  const known = facts.get(instanceType);
  return estimated ?? (known && estimateAllocatable(known, nodeClass?.spec.kubelet?.maxPods));
};

/** Zones in which the pool has least come first, so that what is launched is spread. */
const byUse = (zones: readonly string[], records: readonly InstanceRecord[]): readonly string[] => {
  const use = (zone: string) => records.filter((record) => record.zone === zone).length;
  return zones.toSorted((one, other) => use(one) - use(other));
};

/** In each zone the first type that is not marked as having no capacity there. */
const offeringsOf = (instanceTypes: readonly string[], zones: readonly string[], marks: UnavailableOfferings) => {
  const typeIn = (zone: string) =>
    instanceTypes.find((instanceType) => !marks.has(offeringKey({ instanceType, zone })));
  const places = zones.flatMap((zone) => {
    const instanceType = typeIn(zone);
    return instanceType === undefined ? [] : [{ instanceType, zone }];
  });
  return places.toSorted(
    (one, other) => instanceTypes.indexOf(one.instanceType) - instanceTypes.indexOf(other.instanceType),
  );
};

/** One type in each zone, by the class's order of types: another only where EC2 has no capacity for those before it. */
export const launchCapacityOf = (known: Known): LaunchCapacity => {
  const { spec, nodeClass, records, marks } = known;
  if (spec.scaleUp.overflow === "None" || !nodeClass) return NOTHING;
  const readiness = launchConfigOf(nodeClass);
  if (readiness.kind !== "ready") return NOTHING;
  const { instanceTypes, subnets } = readiness.launch;
  const zones = byUse([...new Set(subnets.map(({ zone }) => zone))], records);
  const { architecture = "x86_64", kubelet = {} } = nodeClass.spec;
  const offerings = offeringsOf(instanceTypes, zones, marks).map(
    (place): Offering => ({
      ...place,
      architecture: ARCHITECTURE[architecture],
      allocatable: allocatableOf(place.instanceType, known),
      ...(kubelet.nodeLabels && { labels: kubelet.nodeLabels }),
      ...(kubelet.nodeTaints && { taints: kubelet.nodeTaints }),
    }),
  );
  return { maxNodes: Math.max(0, spec.poolSize - records.length), offerings };
};

/** Types that could be launched and of which nobody knows what their nodes offer. */
export const unknownTypes = ({ offerings }: LaunchCapacity): readonly string[] => [
  ...new Set(offerings.filter(({ allocatable }) => !allocatable).map(({ instanceType }) => instanceType)),
];
