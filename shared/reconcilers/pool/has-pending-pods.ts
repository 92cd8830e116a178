import { isDemand, pendingSince } from "../../demand/pending-pod.ts";
import type { KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";
import type { PoolView } from "../../pool/view.ts";
import { incompatibility, type NodeAttributes } from "../../scheduling/node-compatibility.ts";

/** What standby could not serve within this time waits for something else, and must not hold the pool up for ever. */
const STUCK_AFTER_MS = 10 * 60_000;

/** One node for each kind of standby: what pods ask of nodes is alike within a zone and an instance type. */
const standbyAttributes = ({ instances, spec }: PoolView): readonly NodeAttributes[] => {
  const { labels, taints } = spec.template;
  const kinds = new Map(instances.standby.map(({ record, node }) => [`${record.zone} ${record.instanceType}`, node]));
  return [...kinds.values()].map((node) => ({
    labels: { ...node?.metadata.labels, ...labels },
    taints,
    ...(node && { name: node.metadata.name }),
  }));
};

/** Whether a pod has found no node lately that the pool's standby would suit, whatever room it has. */
export const hasPendingPods = async (kube: KubeClient, view: PoolView): Promise<boolean> => {
  const pending = await kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" });
  const faces = standbyAttributes(view);
  return pending.some(
    (pod) =>
      isDemand(pod) &&
      view.now - pendingSince(pod) < STUCK_AFTER_MS &&
      faces.some((face) => incompatibility(pod.spec, face) === undefined),
  );
};
