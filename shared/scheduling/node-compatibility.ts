/** Whether a pod may run on a node, whatever room there is and whoever else runs there. */
import type { PodSpec, Taint } from "../model/kubernetes/objects.ts";
import type { NodeSelectorTerm } from "../model/kubernetes/scheduling.ts";
import { meetsAnyTerm, type NamedLabels, readableTerms } from "./node-terms.ts";
import { readableTaint, untolerated } from "./tolerations.ts";

/** The only taints that it has are lasting ones: those that go once the node is up keep nobody away. */
export interface NodeAttributes extends NamedLabels {
  readonly taints: readonly Taint[];
}

export const requiredTerms = ({ affinity }: Pick<PodSpec, "affinity">): readonly NodeSelectorTerm[] | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Undefined if the node is one that the pod's node selector and required node affinity ask for, else what stands against it. */
export const affinityIncompatibility = ({ nodeSelector, affinity }: PodSpec, node: NamedLabels): string | undefined => {
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    if (node.labels[key] !== value && !node.unknown?.has(key)) return `node selector ${key}=${value}`;
  }
  const terms = requiredTerms({ affinity });
  return terms && !meetsAnyTerm(terms, node) ? `node affinity ${readableTerms(terms)}` : undefined;
};

/** Undefined if the pod may run on such a node, else what stands against it. */
export const incompatibility = (spec: PodSpec, node: NodeAttributes): string | undefined => {
  const against = affinityIncompatibility(spec, node);
  if (against) return against;
  const refused = untolerated(node.taints, spec.tolerations);
  return refused && `untolerated taint ${readableTaint(refused)}`;
};
