import type { AWSNodeClass } from "../model/api/types.ts";
import type { InstanceTypeFacts } from "../model/ec2.ts";
import type { ResourceList } from "../model/kubernetes/objects.ts";
import type { ClassTemplate } from "../model/offering.ts";
import { estimateNode } from "./estimate-allocatable.ts";

const ARCHITECTURE = { x86_64: "amd64", arm64: "arm64" } as const;

/** The status has the estimate of the class's first type. */
const estimatesOf = (
  { spec, status }: AWSNodeClass,
  facts: ReadonlyMap<string, InstanceTypeFacts>,
): ReadonlyMap<string, ResourceList> => {
  const estimates = new Map<string, ResourceList>();
  for (const [instanceType, known] of facts) estimates.set(instanceType, estimateNode(known, spec));
  if (status?.estimatedAllocatable) estimates.set(spec.instanceType, status.estimatedAllocatable);
  return estimates;
};

/** `facts`: EC2's facts by instance type, for the types that were looked up. */
export const classTemplateOf = (
  nodeClass: AWSNodeClass | undefined,
  facts: ReadonlyMap<string, InstanceTypeFacts>,
): ClassTemplate => {
  if (!nodeClass) return { labels: {}, taints: [], estimates: new Map() };
  const { architecture = "x86_64", kubelet = {} } = nodeClass.spec;
  return {
    architecture: ARCHITECTURE[architecture],
    labels: kubelet.nodeLabels ?? {},
    taints: kubelet.nodeTaints ?? [],
    estimates: estimatesOf(nodeClass, facts),
  };
};
