/** The labels of nodes that have no Node object yet. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import { LABEL } from "../../model/names.ts";

export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";
const ARCHITECTURE = "kubernetes.io/arch";

/** Matches `us-east-1` in `us-east-1a`, and `us-west-2` in the local zone `us-west-2-lax-1a`. */
const REGION = /^(?:[a-z]+-)+?\d+/;

/** Labels whose values are specific to the instance. They are unknown before it exists, so any requirement on them counts as met. */
const INSTANCE_LABELS: ReadonlySet<string> = new Set([HOSTNAME, LABEL.instanceId, "topology.k8s.aws/zone-id"]);

export interface Machine {
  readonly instanceType?: string;
  readonly zone?: string;
  readonly architecture?: string;
}

/**
 * The labels that kubelet and the cloud controller manager set, under their current names and those from before 1.17, which kubelet and the
 * AWS cloud controller manager still set. Source: k8s.io/api/core/v1, well_known_labels.go; k8s.io/cloud-provider, node_controller.go.
 */
const machineLabels = ({ instanceType, zone, architecture }: Machine): Record<string, string | undefined> => {
  const region = zone && REGION.exec(zone)?.[0];
  return {
    "kubernetes.io/os": "linux",
    "beta.kubernetes.io/os": "linux",
    [ARCHITECTURE]: architecture,
    "beta.kubernetes.io/arch": architecture,
    "node.kubernetes.io/instance-type": instanceType,
    "beta.kubernetes.io/instance-type": instanceType,
    [ZONE]: zone,
    "failure-domain.beta.kubernetes.io/zone": zone,
    // Set by the EBS CSI driver; the volumes that it provisions require it.
    "topology.ebs.csi.aws.com/zone": zone,
    "topology.kubernetes.io/region": region,
    "failure-domain.beta.kubernetes.io/region": region,
  };
};

/** The labels of a node on that machine, and the keys of the labels whose values are not known yet. */
export const templateLabels = (machine: Machine, own: Labels): { labels: Labels; unknown: ReadonlySet<string> } => {
  const found = machineLabels(machine);
  const known = Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const unknown = Object.keys(found).filter((key) => found[key] === undefined);
  const labels = { ...Object.fromEntries(known), [LABEL.capacityType]: "on-demand", ...own, [LABEL.state]: "running" };
  return { labels, unknown: new Set([...INSTANCE_LABELS, ...unknown]) };
};
