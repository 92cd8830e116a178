/** What a pool could launch once its standby is used up. */
import type { PoolSpec } from "../../api/defaults.ts";
import type { AWSNodeClass } from "../../api/types.ts";
import type { Launchable, LaunchOffer } from "../../demand/view.ts";
import type { KubeNode, ResourceList } from "../../kube/objects.ts";
import { launchTemplateOf } from "../../nodeclass/launch-template.ts";
import type { InstanceRecord } from "../../pool/view.ts";
import { type CapacityMarks, placeOf } from "../../state/capacity-marks.ts";

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
}

/** From a node of the type that the pool has or had, else as the class estimates it, which it does for its first type. */
const allocatableOf = (instanceType: string, { nodes, nodeClass }: Known): ResourceList | undefined => {
  const alike = nodes.find(
    ({ metadata, status }) => status?.allocatable && metadata.labels?.[TYPE_LABEL] === instanceType,
  );
  if (alike) return alike.status?.allocatable;
  return instanceType === nodeClass?.spec.instanceType ? nodeClass.status?.estimatedAllocatable : undefined;
};

/** Zones in which the pool has least come first, so that what is launched is spread. */
const byUse = (zones: readonly string[], records: readonly InstanceRecord[]): readonly string[] => {
  const use = (zone: string) => records.filter((record) => record.zone === zone).length;
  return zones.toSorted((one, other) => use(one) - use(other));
};

/** Types in the class's order, each in every zone that is not marked as full. */
export const launchableOf = (known: Known): Launchable => {
  const { spec, nodeClass, records, marks } = known;
  if (spec.scaleUp.overflow === "None" || !nodeClass) return NOTHING;
  const readiness = launchTemplateOf(nodeClass);
  if (readiness.kind !== "ready") return NOTHING;
  const { instanceTypes, subnets } = readiness.launch;
  const zones = byUse([...new Set(subnets.map(({ zone }) => zone))], records);
  const { architecture = "x86_64", kubelet = {} } = nodeClass.spec;
  const offers = instanceTypes.flatMap((instanceType) =>
    zones
      .filter((zone) => !marks.has(placeOf({ instanceType, zone })))
      .map(
        (zone): LaunchOffer => ({
          instanceType,
          zone,
          architecture: ARCHITECTURE[architecture],
          allocatable: allocatableOf(instanceType, known),
          ...(kubelet.nodeLabels && { labels: kubelet.nodeLabels }),
          ...(kubelet.nodeTaints && { taints: kubelet.nodeTaints }),
        }),
      ),
  );
  return { most: Math.max(0, spec.poolSize - records.length), offers };
};
