/** The places that pods share by a topology key, numbered, so that pods are counted in arrays. */
import type { Labels } from "../../model/kubernetes/objects.ts";
import { HOSTNAME } from "../nodes/labels.ts";
import type { PodTerms } from "../pod-groups.ts";

/** A node by the number of its place for each topology key; -1 where it lacks the label. */
export type NodeDomains = readonly number[];

export interface TopologyDomains {
  /** The number by which a key is known. */
  indexOf(key: string): number;
  /** Of a node that exists, by its labels. */
  of(labels: Labels): NodeDomains;
  /** Of a node that does not exist yet, whose host name will be like no other. */
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
  const indexes = new Map(keys.map((key, index) => [key, index]));
  const numbers = keys.map(() => new Map<string, number>());
  let newNodes = 0;

  const numberOf = (keyIndex: number, value: string | undefined): number => {
    const known = numbers[keyIndex];
    if (value === undefined || !known) return -1;
    const number = known.get(value) ?? known.size;
    known.set(value, number);
    return number;
  };

  const of = (labels: Labels): NodeDomains => keys.map((key, index) => numberOf(index, labels[key]));

  return {
    indexOf: (key) => indexes.get(key) ?? -1,
    of,
    ofNew: (labels) => {
      newNodes += 1;
      // No host name has a space in it.
      return of({ ...labels, [HOSTNAME]: `new ${newNodes}` });
    },
  };
};
