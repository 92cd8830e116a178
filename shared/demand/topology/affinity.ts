/** Required affinity: pods go where there is one that all of their terms speak of. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodClass } from "../pod-groups.ts";
import { type Counter, createCounter } from "./domain-counter.ts";
import type { NodePlaces, Places } from "./domains.ts";
import { type SeenPod, termTest } from "./pod-matcher.ts";

export interface Company {
  speaksOf(pod: SeenPod): boolean;
  /** The topology key in whose place on that node there is no such pod; undefined if there is one in each. */
  missingAt(node: NodePlaces): string | undefined;
  /** Counts pods that it speaks of. */
  add(node: NodePlaces, count: number): void;
}

/** Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/interpodaffinity, filtering.go. */
export const createCompany = (pods: PodClass, places: Places, namespaces: ReadonlyMap<string, Labels>): Company => {
  const tests = pods.affinity.map((term) => termTest(term, pods, namespaces));
  const keys = [...new Set(pods.affinity.map(({ topologyKey }) => topologyKey))];
  const counters = keys.map((key): [string, Counter] => [key, createCounter(places.indexOf(key))]);
  const speaksOf = (pod: SeenPod): boolean => tests.every((test) => test(pod));
  const countsItself = speaksOf(pods);
  return {
    speaksOf,
    missingAt: (node) => {
      // The first of a group of pods that want each other's company finds nobody yet, and may begin anywhere.
      const mayBegin = countsItself && counters.every(([, counter]) => counter.total() === 0);
      const missing = counters.find(([, counter]) => {
        const found = counter.at(node);
        return found === undefined || (found === 0 && !mayBegin);
      });
      return missing?.[0];
    },
    add: (node, count) => {
      for (const [, counter] of counters) counter.add(node, count);
    },
  };
};
