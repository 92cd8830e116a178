/** Topology spread constraints, each with the pods and the nodes that it counts. */
import type { SpreadConstraint } from "../../model/kubernetes/scheduling.ts";
import { affinityMismatch, type NodeFace } from "../../scheduling/node-compatibility.ts";
import { untolerated } from "../../scheduling/tolerations.ts";
import { HOSTNAME } from "../nodes/labels.ts";
import type { PodClass } from "../pod-groups.ts";
import type { NodePlaces, Places } from "./domains.ts";
import { type PodTest, spreadTest } from "./pod-matcher.ts";
import { createSpreadCounter, type SpreadCounter } from "./spread-counter.ts";

export interface PlacedNode {
  readonly face: NodeFace;
  readonly places: NodePlaces;
  /** Whether there is a node object already. */
  readonly exists: boolean;
}

export interface Spread {
  readonly constraint: SpreadConstraint;
  readonly speaksOf: PodTest;
  readonly counter: SpreadCounter;
  /** Whether the node and the pods on it count at all. */
  counts(node: PlacedNode): boolean;
  /** Whether the place of a node that can be had counts before the node is taken. */
  countsAhead(node: PlacedNode): boolean;
}

/** Nodes that the pod could not go to anyway do not count, as far as the policies say, nor do those without one of its keys. */
const countsNode = (pods: PodClass, constraint: SpreadConstraint, places: Places) => {
  const keys = pods.spread.map(({ topologyKey }) => places.indexOf(topologyKey));
  const known = new Map<NodeFace, boolean>();
  const judge = ({ face, places: at }: PlacedNode): boolean =>
    keys.every((key) => (at[key] ?? -1) >= 0) &&
    (constraint.nodeAffinityPolicy === "Ignore" || affinityMismatch(pods.spec, face) === undefined) &&
    (constraint.nodeTaintsPolicy !== "Honor" || untolerated(face.taints, pods.spec.tolerations) === undefined);
  return (node: PlacedNode): boolean => {
    const verdict = known.get(node.face) ?? judge(node);
    known.set(node.face, verdict);
    return verdict;
  };
};

/**
 * A zone in which a node could be had counts from the start, so that pods are spread over the zones that the pools reach and not only
 * over those that happen to have a node. By host name, a stopped node counts as the scheduler sees it: its node object is there, and
 * its taints are passed over unless the policy is `Honor`.
 */
const countsAhead = ({ topologyKey, nodeTaintsPolicy }: SpreadConstraint, { exists }: PlacedNode): boolean =>
  topologyKey !== HOSTNAME || (exists && nodeTaintsPolicy !== "Honor");

const createSpread = (pods: PodClass, constraint: SpreadConstraint, places: Places): Spread => {
  const speaksOf = spreadTest(constraint, pods);
  const { maxSkew, minDomains = 1, topologyKey } = constraint;
  const keyIndex = places.indexOf(topologyKey);
  return {
    constraint,
    speaksOf,
    counter: createSpreadCounter({ keyIndex, maxSkew, minDomains, countsItself: speaksOf(pods) }),
    counts: countsNode(pods, constraint, places),
    countsAhead: (node) => countsAhead(constraint, node),
  };
};

/** One for each distinct constraint, whoever has it. */
export const createSpreads = (places: Places) => {
  const spreads = new Map<string, Spread>();
  const keyOf = (pods: PodClass, constraint: SpreadConstraint): string =>
    JSON.stringify([
      constraint,
      spreadTest(constraint, pods)(pods),
      pods.namespace,
      constraint.matchLabelKeys?.map((key) => pods.labels[key]),
      pods.spread.map(({ topologyKey }) => topologyKey),
      pods.spec.nodeSelector,
      pods.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution,
      constraint.nodeTaintsPolicy === "Honor" ? pods.spec.tolerations : 0,
    ]);
  return {
    all: () => [...spreads.values()],
    of: (pods: PodClass): readonly Spread[] =>
      pods.spread.map((constraint) => {
        const key = keyOf(pods, constraint);
        const spread = spreads.get(key) ?? createSpread(pods, constraint, places);
        spreads.set(key, spread);
        return spread;
      }),
  };
};
