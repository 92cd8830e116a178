/** The labels that nodes have once they are up. */

import { INSTANCE_TYPE_LABELS } from "../../model/kubernetes/labels.ts";
import type { Labels } from "../../model/kubernetes/objects.ts";
import { LABEL } from "../../model/names.ts";

export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";
const ARCHITECTURE = "kubernetes.io/arch";

/** Matches `us-east-1` in `us-east-1a`, and `us-west-2` in the local zone `us-west-2-lax-1a`. */
const REGION = /^(?:[a-z]+-)+?\d+/;

/**
 * The value of labels that only the instance decides, before it exists. No label value has spaces in it, so it meets `Exists` and `NotIn` only: a
 * pod that is pinned to one host starts no other.
 */
const PLACEHOLDER = "not known yet";

export interface Machine {
  readonly instanceType?: string;
  readonly zone?: string;
  readonly architecture?: string;
  readonly instanceId?: string;
  readonly nodeName?: string;
}

/**
 * The labels that kubelet and the cloud controller manager set, under their current names and those from before 1.17, which kubelet and the
 * AWS cloud controller manager still set. Source: k8s.io/api/core/v1, well_known_labels.go; k8s.io/cloud-provider, node_controller.go.
 */
const MACHINE_LABELS = {
  architecture: [ARCHITECTURE, "beta.kubernetes.io/arch"],
  instanceType: INSTANCE_TYPE_LABELS,
  zone: [
    ZONE,
    "failure-domain.beta.kubernetes.io/zone",
    // Set by the EBS CSI driver; the volumes that it provisions require it.
    "topology.ebs.csi.aws.com/zone",
  ],
  region: ["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"],
} as const;

/** The labels of a node on that machine, and the keys of the labels whose values are not decided yet. */
export const expectedLabels = (
  { zone, nodeName, instanceId, ...machine }: Machine,
  own: Labels,
): { labels: Labels; unknown: ReadonlySet<string> } => {
  const facts = { ...machine, zone, region: zone && REGION.exec(zone)?.[0] };
  const labels: Record<string, string> = { "kubernetes.io/os": "linux", "beta.kubernetes.io/os": "linux" };
  const unknown = new Set<string>();
  for (const fact of ["architecture", "instanceType", "zone", "region"] as const) {
    const value = facts[fact];
    for (const key of MACHINE_LABELS[fact]) {
      if (value === undefined) unknown.add(key);
      else labels[key] = value;
    }
  }
  labels[LABEL.capacityType] = "on-demand";
  labels[HOSTNAME] = nodeName ?? PLACEHOLDER;
  labels[LABEL.instanceId] = instanceId ?? PLACEHOLDER;
  labels["topology.k8s.aws/zone-id"] = PLACEHOLDER;
  Object.assign(labels, own);
  labels[LABEL.state] = "running";
  return { labels, unknown };
};

/**
 * Returns a function for the labels of a pool's nodes that have their objects: what the objects say, later labels instead of earlier ones, and before
 * that the labels that agents of a node that boots have not set yet, such as the EBS driver's zone. The class's labels are not among them: kubelet sets
 * them when the node registers or never. Those of the instance type are corrected when the type is changed. What is equal for all nodes of an instance
 * type in a zone is worked out once.
 */
export const createLabelsOnceUp = (architecture: string | undefined, own: Labels) => {
  const shared = new Map<string, Labels>();
  const sharedLabels = ({ instanceType, zone }: Machine): Labels => {
    const key = `${instanceType} ${zone}`;
    const known = shared.get(key);
    if (known) return known;
    const { labels } = expectedLabels({ instanceType, zone, architecture }, own);
    const result = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== PLACEHOLDER));
    shared.set(key, result);
    return result;
  };
  return (machine: Machine, ...found: readonly Labels[]): Labels => {
    const labels: Record<string, string> = { ...sharedLabels(machine) };
    if (machine.nodeName !== undefined) labels[HOSTNAME] ??= machine.nodeName;
    if (machine.instanceId !== undefined) labels[LABEL.instanceId] ??= machine.instanceId;
    Object.assign(labels, ...found);
    if (machine.instanceType !== undefined) for (const key of INSTANCE_TYPE_LABELS) labels[key] = machine.instanceType;
    return labels;
  };
};
