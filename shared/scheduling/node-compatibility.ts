/** Whether a pod may run on a node by labels, taints and name: regardless of the room there and of other pods. */
import type { PodSpec, Taint } from "../model/kubernetes/objects.ts";
import type { NodeSelectorTerm } from "../model/kubernetes/scheduling.ts";
import { readableTaint, untolerated } from "../model/kubernetes/tolerations.ts";
import { meetsAnyTerm, type NamedLabels, readableTerms } from "./node-terms.ts";

/** `taints` holds only those that remain once the node is up: the others do not keep pods off for long. */
export interface NodeAttributes extends NamedLabels {
  readonly taints: readonly Taint[];
}

export const requiredTerms = ({ affinity }: Pick<PodSpec, "affinity">): readonly NodeSelectorTerm[] | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Undefined if the node meets the pod's node selector and required node affinity, else the reason why not. */
export const affinityIncompatibility = ({ nodeSelector, affinity }: PodSpec, node: NamedLabels): string | undefined => {
  for (const [key, value] of nodeSelector ? Object.entries(nodeSelector) : []) {
    if (node.labels[key] !== value && !node.unknown?.has(key)) return `node selector ${key}=${value}`;
  }
  const terms = requiredTerms({ affinity });
  return terms && !meetsAnyTerm(terms, node) ? `node affinity ${readableTerms(terms)}` : undefined;
};

/** Undefined if the pod may run on such a node, else the reason why not. */
export const incompatibility = (spec: PodSpec, node: NodeAttributes): string | undefined => {
  const reason = affinityIncompatibility(spec, node);
  if (reason) return reason;
  const taint = untolerated(node.taints, spec.tolerations);
  return taint && `untolerated taint ${readableTaint(taint)}`;
};
