/** Required pod affinity: a pod runs only in domains with a pod that matches all of its terms. */

import type { Labels } from "../../model/kubernetes/objects.ts";
import type { PodGroup } from "../pod-groups.ts";
import { createCounter } from "./domain-counter.ts";
import type { NodeDomains, TopologyDomains } from "./domains.ts";
import { type PodIdentity, termMatcher } from "./pod-matcher.ts";
import type { UnschedulableReason } from "./unschedulable-reason.ts";

export interface AffinityGroup {
  matches(pod: PodIdentity): boolean;
  /** For the first topology key whose domain on this node has no matching pod, or whose label it lacks; undefined if every domain has one. */
  unschedulableReason(node: NodeDomains): UnschedulableReason | undefined;
  /** Counts pods that match. */
  add(node: NodeDomains, count: number): void;
}

/** Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/interpodaffinity, filtering.go. */
export const createAffinityGroup = (
  group: PodGroup,
  domains: TopologyDomains,
  namespaces: ReadonlyMap<string, Labels>,
): AffinityGroup => {
  const matchers = group.affinity.map((term) => termMatcher(term, group, namespaces));
  const keys = [...new Set(group.affinity.map(({ topologyKey }) => topologyKey))];
  const counters = keys.map((key) => {
    const reason = `pod affinity by ${key}: no matching pod`;
    return {
      counter: createCounter(domains.indexOf(key)),
      empty: { reason, permanent: false },
      missing: { reason, permanent: true },
    };
  });
  const matches = (pod: PodIdentity): boolean => matchers.every((matcher) => matcher(pod));
  const countsItself = matches(group);
  return {
    matches,
    unschedulableReason: (node) => {
      // The first of a group of pods with affinity to each other finds no match yet, and may go anywhere.
      const isFirstOfGroup = countsItself && counters.every(({ counter }) => counter.total() === 0);
      for (const { counter, empty, missing } of counters) {
        const found = counter.countAt(node);
        if (found === undefined) return missing;
        if (found === 0 && !isFirstOfGroup) return empty;
      }
      return undefined;
    },
    add: (node, count) => {
      for (const { counter } of counters) counter.add(node, count);
    },
  };
};
