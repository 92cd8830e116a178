/** Required pod anti-affinity. It works both ways: the owner of a term avoids the pods it matches, and they avoid the owner. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodAffinityTerm } from "../../model/kubernetes/scheduling.ts";
import { type Counter, createCounter } from "./domain-counter.ts";
import type { TopologyDomains } from "./domains.ts";
import { type PodIdentity, type PodMatcher, termMatcher } from "./pod-matcher.ts";
import type { UnschedulableReason } from "./unschedulable-reason.ts";

export interface AntiAffinityGroup {
  readonly matches: PodMatcher;
  /** On a node with pods that the term matches, for pods that have it. */
  readonly ownReason: UnschedulableReason;
  /** On a node with pods that have the term, for pods that it matches. */
  readonly othersReason: UnschedulableReason;
  /** Counts the pods that have the term. */
  readonly owners: Counter;
  /** Counts the pods that the term matches. */
  readonly matched: Counter;
}

/** One group per distinct term, shared by all pods that have it. */
export const createAntiAffinityGroups = (domains: TopologyDomains, namespaces: ReadonlyMap<string, Labels>) => {
  const groups = new Map<string, AntiAffinityGroup>();
  return {
    of: (term: PodAffinityTerm, owner: PodIdentity): AntiAffinityGroup => {
      const ownValues = [...(term.matchLabelKeys ?? []), ...(term.mismatchLabelKeys ?? [])].map(
        (key) => owner.labels[key],
      );
      const key = JSON.stringify([term, owner.namespace, ownValues]);
      const keyIndex = domains.indexOf(term.topologyKey);
      const group = groups.get(key) ?? {
        matches: termMatcher(term, owner, namespaces),
        ownReason: { reason: `pod anti-affinity by ${term.topologyKey}`, permanent: true },
        othersReason: { reason: `pod anti-affinity of other pods by ${term.topologyKey}`, permanent: true },
        owners: createCounter(keyIndex),
        matched: createCounter(keyIndex),
      };
      groups.set(key, group);
      return group;
    },
    matching: (pod: PodIdentity): readonly AntiAffinityGroup[] =>
      [...groups.values()].filter(({ matches }) => matches(pod)),
  };
};
