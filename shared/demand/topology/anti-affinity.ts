/** Required anti-affinity, which holds both ways: pods keep away from those they name, and these from them. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodAffinityTerm } from "../../model/kubernetes/scheduling.ts";
import { type Counter, createCounter } from "./domain-counter.ts";
import type { TopologyDomains } from "./domains.ts";
import { type PodIdentity, type PodMatcher, termMatcher } from "./pod-matcher.ts";

export interface AntiAffinityGroup {
  readonly term: PodAffinityTerm;
  readonly matches: PodMatcher;
  /** Pods that have the term. */
  readonly owners: Counter;
  /** Pods that it speaks of. */
  readonly others: Counter;
}

/** One for each distinct term, whoever has it. */
export const createAntiAffinityGroups = (domains: TopologyDomains, namespaces: ReadonlyMap<string, Labels>) => {
  const antiAffinityGroups = new Map<string, AntiAffinityGroup>();
  return {
    of: (term: PodAffinityTerm, owner: PodIdentity): AntiAffinityGroup => {
      const own = [...(term.matchLabelKeys ?? []), ...(term.mismatchLabelKeys ?? [])].map((key) => owner.labels[key]);
      const key = JSON.stringify([term, owner.namespace, own]);
      const keyIndex = domains.indexOf(term.topologyKey);
      const antiAffinityGroup = antiAffinityGroups.get(key) ?? {
        term,
        matches: termMatcher(term, owner, namespaces),
        owners: createCounter(keyIndex),
        others: createCounter(keyIndex),
      };
      antiAffinityGroups.set(key, antiAffinityGroup);
      return antiAffinityGroup;
    },
    speakingOf: (pod: PodIdentity): readonly AntiAffinityGroup[] =>
      [...antiAffinityGroups.values()].filter(({ matches }) => matches(pod)),
  };
};
