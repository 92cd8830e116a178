/** The filters that look at one node only, in the order of kube-scheduler's default plugins. The first failure wins. */

import { matchesNodeAffinity, meetsOneOf } from "../objects/node-affinity.ts";
import { untolerated } from "../objects/tolerations.ts";
import type { NodeState } from "./cluster-state.ts";
import { type FilterStatus, unresolvable, unschedulable } from "./filter-status.ts";
import { conflicts } from "./host-ports.ts";
import type { PodFacts } from "./pod-facts.ts";
import { PODS } from "./resources.ts";

const HARD_EFFECTS = ["NoSchedule", "NoExecute"];
const UNSCHEDULABLE = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

type NodeFilter = (facts: PodFacts, state: NodeState) => FilterStatus | undefined;

/** A cordoned node fails this filter even before the node lifecycle controller has added the taint (plugin NodeUnschedulable). */
const filterUnschedulable: NodeFilter = ({ pod }, { node }) =>
  node.spec.unschedulable && untolerated([UNSCHEDULABLE], pod.spec.tolerations, HARD_EFFECTS)
    ? unresolvable("node(s) were unschedulable")
    : undefined;

const filterTaints: NodeFilter = ({ pod }, { node }) =>
  untolerated(node.spec.taints, pod.spec.tolerations, HARD_EFFECTS)
    ? unresolvable("node(s) had untolerated taint(s)")
    : undefined;

const filterNodeAffinity: NodeFilter = ({ pod }, { node }) =>
  matchesNodeAffinity(pod.spec, node) ? undefined : unresolvable("node(s) didn't match Pod's node affinity/selector");

const filterPorts: NodeFilter = ({ ports }, { pods }) => {
  if (ports.length === 0) return undefined;
  const isTaken = [...pods.values()].some((other) =>
    other.ports.some((port) => ports.some((own) => conflicts(own, port))),
  );
  return isTaken ? unschedulable("node(s) didn't have free ports for the requested pod ports") : undefined;
};

const filterResources: NodeFilter = ({ request }, { allocatable, requested }) => {
  let reasons: string[] | undefined;
  let isResolvable = true;
  for (const [name, amount] of request) {
    const total = allocatable.get(name) ?? 0;
    if (amount === 0 || amount <= total - (requested.get(name) ?? 0)) continue;
    reasons ??= [];
    reasons.push(name === PODS ? "Too many pods" : `Insufficient ${name}`);
    if (amount > total) isResolvable = false;
  }
  return reasons && { reasons, isResolvable };
};

/** Claims that are not bound yet keep no pod off a node (plugin VolumeBinding). */
const filterVolumes: NodeFilter = ({ volumeTerms }, { node }) =>
  volumeTerms.every((terms) => meetsOneOf(terms, node))
    ? undefined
    : unresolvable("node(s) didn't match PersistentVolume's node affinity");

const FILTERS: readonly NodeFilter[] = [
  filterUnschedulable,
  filterTaints,
  filterNodeAffinity,
  filterPorts,
  filterResources,
  filterVolumes,
];

export const filterNode: NodeFilter = (facts, state) => {
  for (const filter of FILTERS) {
    const status = filter(facts, state);
    if (status) return status;
  }
  return undefined;
};
