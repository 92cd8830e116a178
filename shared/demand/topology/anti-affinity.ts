/** Required anti-affinity, which holds both ways: pods keep away from those they name, and these from them. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodAffinityTerm } from "../../model/kubernetes/scheduling.ts";
import { type Counter, createCounter } from "./domain-counter.ts";
import type { Places } from "./domains.ts";
import { type PodTest, type SeenPod, termTest } from "./pod-matcher.ts";

export interface Guard {
  readonly term: PodAffinityTerm;
  readonly speaksOf: PodTest;
  /** Pods that have the term. */
  readonly owners: Counter;
  /** Pods that it speaks of. */
  readonly others: Counter;
}

/** One for each distinct term, whoever has it. */
export const createGuards = (places: Places, namespaces: ReadonlyMap<string, Labels>) => {
  const guards = new Map<string, Guard>();
  return {
    of: (term: PodAffinityTerm, owner: SeenPod): Guard => {
      const own = [...(term.matchLabelKeys ?? []), ...(term.mismatchLabelKeys ?? [])].map((key) => owner.labels[key]);
      const key = JSON.stringify([term, owner.namespace, own]);
      const keyIndex = places.indexOf(term.topologyKey);
      const guard = guards.get(key) ?? {
        term,
        speaksOf: termTest(term, owner, namespaces),
        owners: createCounter(keyIndex),
        others: createCounter(keyIndex),
      };
      guards.set(key, guard);
      return guard;
    },
    speakingOf: (pod: SeenPod): readonly Guard[] => [...guards.values()].filter(({ speaksOf }) => speaksOf(pod)),
  };
};
