/** Required affinity: pods go where there is one that all of their terms speak of. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodGroup } from "../pod-groups.ts";
import { type Counter, createCounter } from "./domain-counter.ts";
import type { NodeDomains, TopologyDomains } from "./domains.ts";
import { type PodIdentity, termMatcher } from "./pod-matcher.ts";

export interface AffinityGroup {
  matches(pod: PodIdentity): boolean;
  /** The topology key in whose place on that node there is no such pod; undefined if there is one in each. */
  missingAt(node: NodeDomains): string | undefined;
  /** Counts pods that it speaks of. */
  add(node: NodeDomains, count: number): void;
}

/** Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/interpodaffinity, filtering.go. */
export const createAffinityGroup = (
  pods: PodGroup,
  domains: TopologyDomains,
  namespaces: ReadonlyMap<string, Labels>,
): AffinityGroup => {
  const tests = pods.affinity.map((term) => termMatcher(term, pods, namespaces));
  const keys = [...new Set(pods.affinity.map(({ topologyKey }) => topologyKey))];
  const counters = keys.map((key): [string, Counter] => [key, createCounter(domains.indexOf(key))]);
  const matches = (pod: PodIdentity): boolean => tests.every((test) => test(pod));
  const countsItself = matches(pods);
  return {
    matches,
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
