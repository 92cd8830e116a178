/** What a pool could launch once its standby is used up. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { AWSNodeClass } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { InstanceRecord } from "../model/instance-record.ts";
import type { KubeNode, ResourceList } from "../model/kubernetes/objects.ts";
import type { Launchable, LaunchOffer } from "../model/offering.ts";
import { type CapacityMarks, placeOf } from "../model/unavailable-offerings.ts";
import { estimateAllocatable } from "./estimate-allocatable.ts";
import { launchTemplateOf } from "./launch-config.ts";

/** As kubelet's cloud provider labels nodes. */
const TYPE_LABEL = "node.kubernetes.io/instance-type";
const ARCHITECTURE = { x86_64: "amd64", arm64: "arm64" } as const;
const NOTHING: Launchable = { most: 0, offers: [] };

interface Known {
  readonly spec: PoolSpec;
  readonly nodeClass: AWSNodeClass | undefined;
  readonly records: readonly InstanceRecord[];
  readonly nodes: readonly KubeNode[];
  readonly marks: CapacityMarks;
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
const placesOf = (instanceTypes: readonly string[], zones: readonly string[], marks: CapacityMarks) => {
  const typeIn = (zone: string) => instanceTypes.find((instanceType) => !marks.has(placeOf({ instanceType, zone })));
  const places = zones.flatMap((zone) => {
    const instanceType = typeIn(zone);
    return instanceType === undefined ? [] : [{ instanceType, zone }];
  });
  return places.toSorted(
    (one, other) => instanceTypes.indexOf(one.instanceType) - instanceTypes.indexOf(other.instanceType),
  );
};

/** One type in each zone, by the class's order of types: another only where EC2 has no capacity for those before it. */
export const launchableOf = (known: Known): Launchable => {
  const { spec, nodeClass, records, marks } = known;
  if (spec.scaleUp.overflow === "None" || !nodeClass) return NOTHING;
  const readiness = launchTemplateOf(nodeClass);
  if (readiness.kind !== "ready") return NOTHING;
  const { instanceTypes, subnets } = readiness.launch;
  const zones = byUse([...new Set(subnets.map(({ zone }) => zone))], records);
  const { architecture = "x86_64", kubelet = {} } = nodeClass.spec;
  const offers = placesOf(instanceTypes, zones, marks).map(
    (place): LaunchOffer => ({
      ...place,
      architecture: ARCHITECTURE[architecture],
      allocatable: allocatableOf(place.instanceType, known),
      ...(kubelet.nodeLabels && { labels: kubelet.nodeLabels }),
      ...(kubelet.nodeTaints && { taints: kubelet.nodeTaints }),
    }),
  );
  return { most: Math.max(0, spec.poolSize - records.length), offers };
};

/** Types that could be launched and of which nobody knows what their nodes offer. */
export const unknownTypes = ({ offers }: Launchable): readonly string[] => [
  ...new Set(offers.filter(({ allocatable }) => !allocatable).map(({ instanceType }) => instanceType)),
];
