/** Required topology spread (plugin PodTopologySpread; "Pod Topology Spread Constraints" in the Kubernetes documentation). */
import { type LabelSelector, matchesSelector } from "../api-server/selectors/labels.ts";
import { matchesNodeAffinity } from "../objects/node-affinity.ts";
import type { PodObject, SpreadConstraint } from "../objects/objects.ts";
import { untolerated } from "../objects/tolerations.ts";
import type { ClusterState, NodeState } from "./cluster-state.ts";
import { type FilterStatus, unresolvable, unschedulable } from "./filter-status.ts";
import type { PodFacts } from "./pod-facts.ts";
import { withLabelKeys } from "./selector.ts";

const UNEVEN = "node(s) didn't match pod topology spread constraints";

interface Counter {
  readonly constraint: SpreadConstraint;
  readonly selfMatch: number;
  /** Matching pods by the topology key's value. */
  readonly matching: ReadonlyMap<string, number>;
  readonly minMatching: number;
}

/** Whether the node counts for the constraint. The constraint's policies exclude nodes that the pod cannot run on. */
const countsForConstraint = (
  { nodeAffinityPolicy, nodeTaintsPolicy }: SpreadConstraint,
  pod: PodObject,
  { node }: NodeState,
) =>
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

const createCounter = ({ pod, spread }: PodFacts, state: ClusterState, constraint: SpreadConstraint): Counter => {
  const selector = withLabelKeys(constraint.labelSelector, pod, constraint.matchLabelKeys);
  const domains = new Map<string, number>();
  for (const node of state.nodes.values()) {
    const labels = node.node.metadata.labels ?? {};
    const domain = labels[constraint.topologyKey];
    if (domain === undefined || !spread.every(({ topologyKey }) => topologyKey in labels)) continue;
    if (!countsForConstraint(constraint, pod, node)) continue;
    domains.set(domain, (domains.get(domain) ?? 0) + countMatching(node, selector, pod.metadata.namespace));
  }
  const enough = domains.size >= (constraint.minDomains ?? 1);
  return {
    constraint,
    matching: domains,
    selfMatch: matchesSelector(selector, pod.metadata.labels) ? 1 : 0,
    minMatching: enough && domains.size > 0 ? Math.min(...domains.values()) : 0,
  };
};

/** Counts once for a pod. The returned filter then checks node by node. */
export const spreadFilter = (facts: PodFacts, state: ClusterState): ((node: NodeState) => FilterStatus | undefined) => {
  const counters = facts.spread.map((constraint) => createCounter(facts, state, constraint));
  return ({ node }) => {
    for (const { constraint, matching: domains, selfMatch, minMatching } of counters) {
      const domain = node.metadata.labels?.[constraint.topologyKey];
      if (domain === undefined) return unresolvable(`${UNEVEN} (missing required label)`);
      const skew = (domains.get(domain) ?? 0) + selfMatch - minMatching;
      if (skew > constraint.maxSkew) return unschedulable(UNEVEN);
    }
    return undefined;
  };
};
