/** The labels of nodes that have none yet. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import { LABEL } from "../../model/names.ts";

export const HOSTNAME = "kubernetes.io/hostname";
export const ZONE = "topology.kubernetes.io/zone";
const ARCHITECTURE = "kubernetes.io/arch";

/** `us-east-1` of `us-east-1a`, and `us-west-2` of the local zone `us-west-2-lax-1a`. */
const REGION = /^(?:[a-z]+-)+?\d+/;

/** Labels whose values depend on the very instance; before it is there, nothing that is asked of them can be refused. */
const OF_INSTANCE: ReadonlySet<string> = new Set([HOSTNAME, LABEL.instanceId, "topology.k8s.aws/zone-id"]);

export interface Machine {
  readonly instanceType?: string;
  readonly zone?: string;
  readonly architecture?: string;
}

/**
 * What kubelet and the cloud controller manager put on a node, under today's names and those of before 1.17, which kubelet and
 * the AWS one still write. Source: k8s.io/api/core/v1, well_known_labels.go; k8s.io/cloud-provider, node_controller.go.
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
    // By the EBS CSI driver; the volumes that it makes ask for it.
    "topology.ebs.csi.aws.com/zone": zone,
    "topology.kubernetes.io/region": region,
    "failure-domain.beta.kubernetes.io/region": region,
  };
};

/** The labels of a node on that machine, and the names of those that it will have too, of a value that is not known. */
export const templateLabels = (machine: Machine, own: Labels): { labels: Labels; unknown: ReadonlySet<string> } => {
  const found = machineLabels(machine);
  const known = Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const unknown = Object.keys(found).filter((key) => found[key] === undefined);
  const labels = { ...Object.fromEntries(known), [LABEL.capacityType]: "on-demand", ...own, [LABEL.state]: "running" };
  return { labels, unknown: new Set([...OF_INSTANCE, ...unknown]) };
};
