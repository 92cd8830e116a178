/** What a node alone says to a pod, in the order of kube-scheduler's default plugins; the first that refuses is heard. */
import { untolerated } from "../tolerations.ts";
import type { NodeState } from "./cluster-state.ts";
import { clash } from "./host-ports.ts";
import { matchesNodeAffinity } from "./node-affinity.ts";
import type { PodFacts } from "./pod-facts.ts";
import { crowded, lasting, type Refusal } from "./refusal.ts";
import { PODS } from "./resources.ts";

const HARD = ["NoSchedule", "NoExecute"];
const UNSCHEDULABLE = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };

type NodeFilter = (facts: PodFacts, state: NodeState) => Refusal | undefined;

/** A cordon is spoken of as such even before the node lifecycle controller has put its taint (plugin NodeUnschedulable). */
const filterUnschedulable: NodeFilter = ({ pod }, { node }) =>
  node.spec.unschedulable && untolerated([UNSCHEDULABLE], pod.spec.tolerations, HARD)
    ? lasting("node(s) were unschedulable")
    : undefined;

const filterTaints: NodeFilter = ({ pod }, { node }) =>
  untolerated(node.spec.taints, pod.spec.tolerations, HARD) ? lasting("node(s) had untolerated taint(s)") : undefined;

const filterNodeAffinity: NodeFilter = ({ pod }, { node }) =>
  matchesNodeAffinity(pod.spec, node) ? undefined : lasting("node(s) didn't match Pod's node affinity/selector");

const filterPorts: NodeFilter = ({ ports }, { pods }) => {
  if (ports.length === 0) return undefined;
  const isTaken = [...pods.values()].some((other) => other.ports.some((port) => ports.some((own) => clash(own, port))));
  return isTaken ? crowded("node(s) didn't have free ports for the requested pod ports") : undefined;
};

const filterResources: NodeFilter = ({ request }, { allocatable, requested }) => {
  let reasons: string[] | undefined;
  let othersInTheWay = true;
  for (const [name, amount] of request) {
    const whole = allocatable.get(name) ?? 0;
    if (amount === 0 || amount <= whole - (requested.get(name) ?? 0)) continue;
    reasons ??= [];
    reasons.push(name === PODS ? "Too many pods" : `Insufficient ${name}`);
    if (amount > whole) othersInTheWay = false;
  }
  return reasons && { reasons, othersInTheWay };
};

const FILTERS: readonly NodeFilter[] = [
  filterUnschedulable,
  filterTaints,
  filterNodeAffinity,
  filterPorts,
  filterResources,
];

export const filterNode: NodeFilter = (facts, state) => {
  for (const filter of FILTERS) {
    const refusal = filter(facts, state);
    if (refusal) return refusal;
  }
  return undefined;
};
