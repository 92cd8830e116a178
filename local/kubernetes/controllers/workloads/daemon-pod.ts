/** Decides which nodes run a DaemonSet's pods. Source: kube-controller-manager's daemon controller, NodeShouldRunDaemonPod and util. */

import { matchesNodeAffinity, namedNodes } from "../../objects/node-affinity.ts";
import type { NodeObject, NodeSelectorTerm, PodObject, PodSpec, Toleration } from "../../objects/objects.ts";
import { untolerated } from "../../objects/tolerations.ts";

const exists = (key: string, effect: string): Toleration => ({ key, operator: "Exists", effect });

const TOLERATIONS: readonly Toleration[] = [
  exists("node.kubernetes.io/not-ready", "NoExecute"),
  exists("node.kubernetes.io/unreachable", "NoExecute"),
  exists("node.kubernetes.io/disk-pressure", "NoSchedule"),
  exists("node.kubernetes.io/memory-pressure", "NoSchedule"),
  exists("node.kubernetes.io/pid-pressure", "NoSchedule"),
  exists("node.kubernetes.io/unschedulable", "NoSchedule"),
];
const HOST_NETWORK_TOLERATIONS: readonly Toleration[] = [
  exists("node.kubernetes.io/network-unavailable", "NoSchedule"),
];

const tolerationsOf = ({ tolerations = [], hostNetwork }: PodSpec): Toleration[] => [
  ...tolerations,
  ...TOLERATIONS,
  ...(hostNetwork ? HOST_NETWORK_TOLERATIONS : []),
];

/** The parts of the pod spec that pin a pod to one node by name. The scheduler still does the binding. */
export const pinToNode = (spec: PodSpec, nodeName: string): Partial<PodSpec> => {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matchFields = [{ key: "metadata.name", operator: "In", values: [nodeName] }];
  // Upstream replaces the template's own terms, because they were already used to choose the node.
  const terms: NodeSelectorTerm[] = [{ matchFields }];
  return {
    tolerations: tolerationsOf(spec),
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { ...required, nodeSelectorTerms: terms },
      },
    },
  };
};

/** The node that the pod runs on or is pinned to. */
export const targetNode = ({ spec }: PodObject): string | undefined => spec.nodeName ?? namedNodes(spec)?.[0];

/** `shouldRun`: the node needs a pod. `shouldContinueRunning`: a pod that is already there may stay. */
export const nodeShouldRunPod = (
  spec: PodSpec,
  node: NodeObject,
): { readonly shouldRun: boolean; readonly shouldContinueRunning: boolean } => {
  if (!matchesNodeAffinity(spec, node)) return { shouldRun: false, shouldContinueRunning: false };
  const tolerations = tolerationsOf(spec);
  return {
    shouldRun: !untolerated(node.spec.taints, tolerations, ["NoSchedule", "NoExecute"]),
    shouldContinueRunning: !untolerated(node.spec.taints, tolerations, ["NoExecute"]),
  };
};
