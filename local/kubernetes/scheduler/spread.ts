/** Required topology spread (plugin PodTopologySpread; "Pod Topology Spread Constraints" in the Kubernetes documentation). */
import { type LabelSelector, matchesSelector } from "../api-server/selectors/labels.ts";
import type { PodObject, SpreadConstraint } from "../objects.ts";
import { untolerated } from "../tolerations.ts";
import type { ClusterState, NodeState } from "./cluster-state.ts";
import { matchesNodeAffinity } from "./node-affinity.ts";
import type { PodFacts } from "./pod-facts.ts";
import { crowded, lasting, type Refusal } from "./refusal.ts";
import { withLabelKeys } from "./selector.ts";

const UNEVEN = "node(s) didn't match pod topology spread constraints";

interface Counted {
  readonly constraint: SpreadConstraint;
  readonly selfMatch: number;
  /** Matching pods by the topology key's value. */
  readonly counts: ReadonlyMap<string, number>;
  readonly fewest: number;
}

/** Nodes that the pod could not go to anyway do not count as domains, as far as the policies say. */
const counts = ({ nodeAffinityPolicy, nodeTaintsPolicy }: SpreadConstraint, pod: PodObject, { node }: NodeState) =>
  (nodeAffinityPolicy === "Ignore" || matchesNodeAffinity(pod.spec, node)) &&
  (nodeTaintsPolicy !== "Honor" || !untolerated(node.spec.taints, pod.spec.tolerations, ["NoSchedule", "NoExecute"]));

const countMatching = ({ pods }: NodeState, selector: LabelSelector | undefined, namespace: string | undefined) => {
  let matching = 0;
  for (const { pod } of pods.values()) {
    const { metadata } = pod;
    if (metadata.namespace !== namespace || metadata.deletionTimestamp) continue;
    if (matchesSelector(selector, metadata.labels)) matching += 1;
  }
  return matching;
};

const countOne = ({ pod, spread }: PodFacts, state: ClusterState, constraint: SpreadConstraint): Counted => {
  const selector = withLabelKeys(constraint.labelSelector, pod, constraint.matchLabelKeys);
  const domains = new Map<string, number>();
  for (const node of state.nodes.values()) {
    const labels = node.node.metadata.labels ?? {};
    const domain = labels[constraint.topologyKey];
    if (domain === undefined || !spread.every(({ topologyKey }) => topologyKey in labels)) continue;
    if (!counts(constraint, pod, node)) continue;
    domains.set(domain, (domains.get(domain) ?? 0) + countMatching(node, selector, pod.metadata.namespace));
  }
  const enough = domains.size >= (constraint.minDomains ?? 1);
  return {
    constraint,
    counts: domains,
    selfMatch: matchesSelector(selector, pod.metadata.labels) ? 1 : 0,
    fewest: enough && domains.size > 0 ? Math.min(...domains.values()) : 0,
  };
};

/** Counts once for a pod; the result asks node by node. */
export const spreadFilter = (facts: PodFacts, state: ClusterState): ((node: NodeState) => Refusal | undefined) => {
  const counted = facts.spread.map((constraint) => countOne(facts, state, constraint));
  return ({ node }) => {
    for (const { constraint, counts: domains, selfMatch, fewest } of counted) {
      const domain = node.metadata.labels?.[constraint.topologyKey];
      if (domain === undefined) return lasting(`${UNEVEN} (missing required label)`);
      const skew = (domains.get(domain) ?? 0) + selfMatch - fewest;
      if (skew > constraint.maxSkew) return crowded(UNEVEN);
    }
    return undefined;
  };
};
