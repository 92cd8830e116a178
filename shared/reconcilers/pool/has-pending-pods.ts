import { isDemand, pendingSince } from "../../demand/pending-pod.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";
import type { PoolView } from "../../pool/view.ts";
import { incompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";
import { leanPod } from "../lean-pod.ts";

/** A pod that standby has not served within this time waits for something else, and must not hold back the pool for ever. */
const STUCK_AFTER_MS = 10 * 60_000;

/** One node for each zone and instance type of standby: within these, nodes are alike for pods. */
const standbyAttributes = ({ instances, spec }: PoolView): readonly NodeAttributes[] => {
  const { labels, taints } = spec.template;
  const kinds = new Map(instances.standby.map(({ record, node }) => [`${record.zone} ${record.instanceType}`, node]));
  return [...kinds.values()].map((node) => ({
    labels: { ...node?.metadata.labels, ...labels },
    taints,
    ...(node && { name: node.metadata.name }),
  }));
};

/** Whether a recently unschedulable pod could run on the pool's standby, whatever its size. */
export const hasPendingPods = async (kube: KubeClient, view: PoolView): Promise<boolean> => {
  const pending = await kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" }, leanPod);
  const faces = standbyAttributes(view);
  return pending.some(
    (pod) =>
      isDemand(pod) &&
      view.now - pendingSince(pod) < STUCK_AFTER_MS &&
      faces.some((face) => incompatibility(pod.spec, face) === undefined),
  );
};
