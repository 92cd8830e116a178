/** Whether a pod may run on the nodes of a pool, whatever room there is. */
import type { KubePod, Taint, Toleration } from "../kube/objects.ts";
import { conditionOf } from "../kube/objects.ts";
import { isDaemonSetPod } from "../pool/pods.ts";

/** A pod that the scheduler found no node for, and that a new node could help. */
export const isDemand = (pod: KubePod): boolean => {
  const scheduled = conditionOf(pod, "PodScheduled");
  return (
    pod.status?.phase === "Pending" &&
    scheduled?.status === "False" &&
    scheduled.reason === "Unschedulable" &&
    pod.spec.nodeName === undefined &&
    pod.metadata.deletionTimestamp === undefined &&
    !isDaemonSetPod(pod)
  );
};

/** Source: k8s.io/component-helpers/scheduling/corev1, ToleratesTaint. */
const tolerates = (toleration: Toleration, taint: Taint): boolean => {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === "Exists") return true;
  return toleration.key !== undefined && (toleration.value ?? "") === (taint.value ?? "");
};

export interface NodeTemplate {
  readonly labels: Readonly<Record<string, string>>;
  /** Permanent ones only; those that go once the node is up keep nobody away. */
  readonly taints: readonly Taint[];
}

/** Undefined if the pod may run on such a node, else what stands against it. */
export const mismatch = (pod: KubePod, node: NodeTemplate): string | undefined => {
  for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) {
    if (node.labels[key] !== value) return `node selector ${key}=${value}`;
  }
  const refused = node.taints.find(
    (taint) =>
      taint.effect !== "PreferNoSchedule" && !pod.spec.tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
  return refused && `untolerated taint ${refused.key}${refused.value ? `=${refused.value}` : ""}:${refused.effect}`;
};
