/** Topology domains: the values of a topology key's label. They are numbered, so that pods are counted in arrays. */
import type { Labels } from "../../model/kubernetes/objects.ts";
import { HOSTNAME } from "../nodes/labels.ts";
import type { PodTerms } from "../pod-groups.ts";

/** The number of a node's domain for each topology key; -1 where the node lacks the label. */
export type NodeDomains = readonly number[];

export interface TopologyDomains {
  /** The index of a topology key in NodeDomains; -1 for an unknown key. */
  indexOf(key: string): number;
  /** The domains of a node that exists, by its labels. */
  of(labels: Labels): NodeDomains;
  /** The domains of a node that does not exist yet: its host name will be unique. */
  ofNew(labels: Labels): NodeDomains;
}

export const topologyKeysOf = (all: readonly PodTerms[]): readonly string[] => [
  ...new Set(
    all.flatMap(({ affinity, antiAffinity, spread }) =>
      [...affinity, ...antiAffinity, ...spread].map(({ topologyKey }) => topologyKey),
    ),
  ),
];

export const createTopologyDomains = (keys: readonly string[]): TopologyDomains => {
  const keyIndexes = new Map(keys.map((key, index) => [key, index]));
  const numbersByValue = keys.map(() => new Map<string, number>());
  let newNodes = 0;

  const numberOf = (keyIndex: number, value: string | undefined): number => {
    const numbers = numbersByValue[keyIndex];
    if (value === undefined || !numbers) return -1;
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return number;
  };

  const of = (labels: Labels, hostname = labels[HOSTNAME]): NodeDomains =>
    keys.map((key, index) => numberOf(index, key === HOSTNAME ? hostname : labels[key]));

  return {
    indexOf: (key) => keyIndexes.get(key) ?? -1,
    of: (labels) => of(labels),
    ofNew: (labels) => {
      newNodes += 1;
      // A real host name has no space in it.
      return of(labels, `new ${newNodes}`);
    },
  };
};
