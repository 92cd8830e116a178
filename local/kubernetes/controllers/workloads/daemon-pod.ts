/** Where pods of DaemonSets go. Source: kube-controller-manager's daemon controller, NodeShouldRunDaemonPod and util. */
import type { NodeObject, NodeSelectorTerm, PodObject, PodSpec, Toleration } from "../../objects.ts";
import { matchesNodeAffinity, namedNodes } from "../../scheduler/node-affinity.ts";
import { untolerated } from "../../tolerations.ts";

const exists = (key: string, effect: string): Toleration => ({ key, operator: "Exists", effect });

const TOLERATIONS: readonly Toleration[] = [
  exists("node.kubernetes.io/not-ready", "NoExecute"),
  exists("node.kubernetes.io/unreachable", "NoExecute"),
  exists("node.kubernetes.io/disk-pressure", "NoSchedule"),
  exists("node.kubernetes.io/memory-pressure", "NoSchedule"),
  exists("node.kubernetes.io/pid-pressure", "NoSchedule"),
  exists("node.kubernetes.io/unschedulable", "NoSchedule"),
];
const HOST_NETWORK: readonly Toleration[] = [exists("node.kubernetes.io/network-unavailable", "NoSchedule")];

const tolerationsOf = ({ tolerations = [], hostNetwork }: PodSpec): Toleration[] => [
  ...tolerations,
  ...TOLERATIONS,
  ...(hostNetwork ? HOST_NETWORK : []),
];

/** The template's spec, for one node by its name; the scheduler does the binding. */
export const bindToNode = (spec: PodSpec, nodeName: string): Partial<PodSpec> => {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const matchFields = [{ key: "metadata.name", operator: "In", values: [nodeName] }];
  // Upstream replaces the template's own terms: the node was chosen by them already.
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

/** The node that the pod is on or meant for. */
export const boundNode = ({ spec }: PodObject): string | undefined => spec.nodeName ?? namedNodes(spec)?.[0];

/** `mayRun`: a pod is to be there; `mayStay`: one that is there already is left alone. */
export const placement = (spec: PodSpec, node: NodeObject): { readonly mayRun: boolean; readonly mayStay: boolean } => {
  if (!matchesNodeAffinity(spec, node)) return { mayRun: false, mayStay: false };
  const tolerations = tolerationsOf(spec);
  return {
    mayRun: !untolerated(node.spec.taints, tolerations, ["NoSchedule", "NoExecute"]),
    mayStay: !untolerated(node.spec.taints, tolerations, ["NoExecute"]),
  };
};
