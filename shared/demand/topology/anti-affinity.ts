/** Required pod anti-affinity. It works both ways: the owner of a term avoids the pods it matches, and they avoid the owner. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodAffinityTerm } from "../../model/kubernetes/scheduling.ts";
import { type Counter, createCounter } from "./domain-counter.ts";
import type { TopologyDomains } from "./domains.ts";
import { type PodIdentity, type PodMatcher, termMatcher } from "./pod-matcher.ts";

export interface AntiAffinityGroup {
  readonly term: PodAffinityTerm;
  readonly matches: PodMatcher;
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
        term,
        matches: termMatcher(term, owner, namespaces),
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
