/** Whether a pod may run on a node by labels, taints and name: regardless of the room there and of other pods. */
import type { Labels, PodSpec, Taint } from "../model/kubernetes/objects.ts";
import type { NodeSelectorTerm } from "../model/kubernetes/scheduling.ts";
import { readableTaint, untolerated } from "../model/kubernetes/tolerations.ts";
import { meetsAnyTerm, type NamedLabels, readableTerms } from "./node-terms.ts";

/** `taints` holds only those that remain once the node is up: the others do not keep pods off for long. */
export interface NodeAttributes extends NamedLabels {
  readonly taints: readonly Taint[];
}

export const requiredTerms = ({ affinity }: Pick<PodSpec, "affinity">): readonly NodeSelectorTerm[] | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

const unmetLabel = (selector: Labels, { labels, unknown }: NamedLabels): string | undefined =>
  Object.keys(selector).find((key) => labels[key] !== selector[key] && !unknown?.has(key));

/** Undefined if the node meets the pod's node selector and required node affinity, else the reason why not. */
export const affinityIncompatibility = (spec: PodSpec, node: NamedLabels): string | undefined => {
  const { nodeSelector } = spec;
  const key = nodeSelector && unmetLabel(nodeSelector, node);
  if (key !== undefined) return `node selector ${key}=${nodeSelector?.[key]}`;
  const terms = requiredTerms(spec);
  return terms && !meetsAnyTerm(terms, node) ? `node affinity ${readableTerms(terms)}` : undefined;
};

/** Undefined if the pod may run on such a node, else the reason why not. */
export const incompatibility = (spec: PodSpec, node: NodeAttributes): string | undefined => {
  const reason = affinityIncompatibility(spec, node);
  if (reason) return reason;
  const taint = untolerated(node.taints, spec.tolerations);
  return taint && `untolerated taint ${readableTaint(taint)}`;
};
